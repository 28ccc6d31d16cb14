"use strict";
// A photograph is dropped on the page: the labelled picture over it.

geoseg.photograph = ({ source, say }) => {
  const { element, t } = geoseg;
  const box = document.getElementById("photograph");
  const input = element("input", { type: "file", id: "photo-file", accept: "image/jpeg,image/png", hidden: true,
    onchange: () => take(input.files[0]) });
  const size = element("input", { type: "number", id: "photo-size", min: 0.1, max: 300, step: "any", value: 50 });
  const progress = element("p", { class: "quiet", id: "photo-progress" });
  const result = element("div", { id: "photo-result" });

  const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

  const take = async (file) => {
    if (!file) return;
    result.replaceChildren();
    progress.textContent = t("mapping");
    try {
      const given = new URLSearchParams({ centimetres: size.value });
      const { name } = await source.ask(`photo?${given}`, {
        method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
      for (;;) {
        const state = await source.ask(`photo/${name}`);
        if (state.error) throw new Error(state.error);
        if (!state.running) { show(name, state.classes); break; }
        progress.textContent = `${t("mapping")} ${Math.round(100 * state.share)} %`;
        await pause(700);
      }
    } catch (error) {
      progress.textContent = error.message;
      say(error.message);
    }
    input.value = "";
  };

  const show = (name, classes) => {
    progress.textContent = t("photo_done");
    const above = element("img", { src: `photo/${name}/classes.png`, class: "above", alt: t("photo_done") });
    const strength = element("input", { type: "range", min: 0, max: 100, value: 60, "aria-label": t("opacity"),
      oninput: () => { above.style.opacity = strength.value / 100; } });
    above.style.opacity = 0.6;
    result.replaceChildren(
      element("div", { class: "photo" }, element("img", { src: `photo/${name}/photo.png`, alt: "" }), above),
      strength,
      element("table", {}, classes.filter((one) => one.share > 0).sort((a, b) => b.share - a.share).map((one) =>
        element("tr", {},
          element("td", {}, element("span", { class: "key", colour: one.colour }), one.name),
          element("td", {}, `${(100 * one.share).toFixed(1)} %`)))),
      element("div", { class: "row" },
        element("a", { href: `photo/${name}/classes.png`, download: "labelled.png" }, t("save"))));
    result.querySelector(".photo").addEventListener("click", (event) => {
      event.currentTarget.classList.toggle("large");
    });
  };

  box.replaceChildren(
    element("h2", {}, t("photo")),
    element("div", { class: "drop" }, t("drop"), " ",
      element("button", { type: "button", onclick: () => input.click() }, t("choose")), input),
    element("label", {}, element("span", {}, t("pixel_size")), size),
    element("p", { class: "quiet" }, t("centimetres")),
    element("p", { class: "quiet", id: "photo-note" }, t("photo_note")),
    progress, result);
  box.hidden = false;

  const inside = (event) => [...(event.dataTransfer ? event.dataTransfer.types : [])].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!inside(event)) return;
    event.preventDefault();
    document.body.classList.add("over");
  });
  document.addEventListener("dragleave", () => document.body.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    if (!inside(event)) return;
    event.preventDefault();
    document.body.classList.remove("over");
    take(event.dataTransfer.files[0]);
  });
};
