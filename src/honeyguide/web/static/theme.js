// Runs before the first paint so that no theme flashes the other one.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("hg-theme");
  } catch (_) {
    // Storage may be closed to us; the system's preference then decides.
  }
  var dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
