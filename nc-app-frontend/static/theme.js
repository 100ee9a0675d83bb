// Runs before the first paint, so that the page never shows in the wrong theme.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("alcove-theme");
  } catch {
    // Storage may be blocked; then the system decides.
  }
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
})();
