// Draws the description of the API.
window.SwaggerUIBundle({
  url: document.getElementById("docs").dataset.address,
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
});
