// Before the first paint: the theme that this person chose on this machine. Without a choice the system's counts.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("foleni-theme"); } catch { /* storage is switched off */ }
  const asked = new URLSearchParams(location.search).get("theme");
  const theme = asked === "dark" || asked === "light" ? asked : chosen;
  if (theme) document.documentElement.dataset.theme = theme;
})();
