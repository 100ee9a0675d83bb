// Starts the program, and says so when it cannot be had: the network may be gone, or the browser too old.
__wbg_init({ module_or_path: new URL("{{wasm}}", import.meta.url) }).catch((error) => {
  console.warn("the program cannot be started:", error);
  const texts = {
    de: ["Alcove konnte nicht geladen werden. Prüfe deine Verbindung.", "Neu laden"],
    nl: ["Alcove kon niet worden geladen. Controleer je verbinding.", "Opnieuw laden"],
    en: ["Alcove could not be loaded. Check your connection.", "Reload"],
  };
  const codes = (navigator.languages ?? []).map((code) => code.slice(0, 2).toLowerCase());
  const language = codes.find((code) => code in texts) ?? "en";
  const [sentence, action] = texts[language];
  document.documentElement.lang = language;
  const main = document.createElement("main");
  main.className = "entry";
  const card = document.createElement("p");
  card.className = "entry-card";
  card.setAttribute("role", "alert");
  const link = document.createElement("a");
  link.href = location.href;
  link.dataset.testid = "boot-reload";
  link.textContent = action;
  card.append(sentence, " ", link);
  main.append(card);
  document.getElementById("app").replaceChildren(main);
});
