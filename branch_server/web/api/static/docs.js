// Draws the description of the API. A session's own requests need its CSRF token beside the cookie.
(() => {
  const csrf = () => document.cookie.split("; ").find((c) => c.startsWith("foleni_csrf="))?.slice(12) || "";
  const ui = window.SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#docs",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: false,
    persistAuthorization: false,
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (request.method !== "GET") request.headers["X-CSRF-Token"] = csrf();
      return request;
    },
  });
  window.docs = ui;
})();
