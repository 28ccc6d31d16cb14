"use strict";
// Labelling in its simplest form: draw with a class, learn, see, be told where to draw next.

geoseg.label = ({ map, told, source, say, refresh }) => {
  const { element, t } = geoseg;
  const desk = told.labelling;
  const box = document.getElementById("labelling");
  const now = { name: desk.classes[0].name, tool: "", corners: [], sketch: null, chosen: null };
  const added = []; // numbers of labels that this page added, for undo
  let drawn = null; // the labels on the map
  let known = new Set();
  let rounds = { history: [], running: false, waits: false, warnings: [], error: "" };
  let since = 0;
  let asking = null;
  let hints = [];
  let hint = -1;
  let hinted = null;
  let seen = null; // the preview that is shown
  let seeing = null; // what stops the preview that is being made

  map.createPane("labels").style.zIndex = 450;
  const colour = (name) => (desk.classes.find((one) => one.name === name) || {}).colour || "#888888";
  const post = (path, body, method = "POST") =>
    source.ask(path, {
      method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}),
    });
  const trying = (work) => work().catch((error) => say(error.message));

  // -- labels on the map --------------------------------------------------------------------------

  const put = (labels) => {
    if (drawn) drawn.remove();
    drawn = L.geoJSON(
      labels.features.map((one) => ({ type: "Feature", properties: one, geometry: one.geometry })),
      {
        pane: "labels",
        style: ({ properties }) => ({
          color: "#ffffff", weight: 2, fillColor: colour(properties.class), fillOpacity: 0.55,
        }),
        pointToLayer: (_, at) => L.circleMarker(at, { pane: "labels", radius: 6 }),
        onEachFeature: ({ properties }, layer) =>
          layer.on("click", (event) => {
            if (now.tool) return;
            L.DomEvent.stop(event);
            now.chosen = properties.id;
            panel();
          }),
      }).addTo(map);
    drawn.eachLayer((layer) => {
      if (layer.feature.geometry.type === "LineString") {
        layer.setStyle({ color: colour(layer.feature.properties.class), weight: 4 });
      }
    });
    desk.count = labels.count;
    known = new Set(labels.features.map((one) => one.id));
    panel();
  };

  const load = () => trying(async () => put(await source.ask("labels")));

  const keep = (geometry) => trying(async () => {
    const before = known;
    const width = Number.parseFloat((document.getElementById("width") || {}).value);
    const labels = await post("labels", {
      class: now.name, geometry, width: geometry.type !== "Polygon" && width > 0 ? width : null,
    });
    for (const one of labels.features) if (!before.has(one.id)) added.push(one.id);
    put(labels);
  });

  const remove = (id) => trying(async () => {
    now.chosen = null;
    put(await post(`labels/${id}`, null, "DELETE"));
  });

  // -- drawing --------------------------------------------------------------------------------------

  const sketch = () => {
    if (now.sketch) now.sketch.remove();
    now.sketch = null;
    if (!now.corners.length) return;
    const corners = now.corners.map(([x, y]) => [y, x]);
    const style = { color: colour(now.name), weight: 3, dashArray: "6 4", interactive: false, pane: "labels" };
    const parts = corners.map((at) => L.circleMarker(at, {
      radius: 4, color: "#000", weight: 1, fillColor: "#fff", fillOpacity: 1, interactive: false, pane: "labels",
    }));
    parts.unshift(now.tool === "polygon" && corners.length > 2 ? L.polygon(corners, style) : L.polyline(corners, style));
    now.sketch = L.layerGroup(parts).addTo(map);
  };

  const finish = () => {
    const corners = now.corners;
    if (corners.length < (now.tool === "polygon" ? 3 : 2)) return;
    now.corners = [];
    sketch();
    keep(now.tool === "polygon"
      ? { type: "Polygon", coordinates: [[...corners, corners[0]]] }
      : { type: "LineString", coordinates: corners });
    panel();
  };

  const choose = (tool) => {
    now.tool = now.tool === tool ? "" : tool;
    now.corners = [];
    document.body.classList.toggle("drawing", Boolean(now.tool));
    sketch();
    panel();
  };

  map.on("dblclick", () => {
    if (!now.tool) return;
    // both of its clicks have left a corner at one place
    const [one, other] = now.corners.slice(-2);
    if (one && other && Math.hypot(one[0] - other[0], one[1] - other[1]) < told.frame.pixel * 0.01) now.corners.pop();
    finish();
  });

  geoseg.labelling = {
    takes: (place) => {
      if (!now.tool) return false;
      const corner = [place.lng, place.lat];
      if (now.tool === "point") {
        keep({ type: "Point", coordinates: corner });
        return true;
      }
      now.corners.push(corner);
      sketch();
      panel();
      return true;
    },
    key: (event) => {
      const number = "qwertyuiop".indexOf(event.key);
      if (event.key === "Enter" && now.corners.length) finish();
      else if (event.key === "Backspace" && now.corners.length) { now.corners.pop(); sketch(); panel(); }
      else if (event.key === "Escape" && now.tool) choose(now.tool);
      else if (event.key === "n") nextHint();
      else if (number >= 0 && number < desk.classes.length) { now.name = desk.classes[number].name; sketch(); panel(); }
      else return false;
      event.preventDefault();
      return true;
    },
  };

  // -- learning ---------------------------------------------------------------------------------------

  const ask = () => trying(async () => {
    clearTimeout(asking);
    const before = rounds.history.length;
    rounds = await source.ask(`learn?since=${since}`);
    since = rounds.known;
    if (rounds.history.length !== before) {
      see();
    }
    panel();
    if (rounds.running) asking = setTimeout(ask, 1500);
  });

  const learn = (on) => trying(async () => {
    since = 0;
    rounds = await post(on ? "learn/start" : "learn/stop");
    panel();
    if (on) asking = setTimeout(ask, 1000);
  });

  const nextHint = () => trying(async () => {
    const found = await source.ask("suggestions");
    // those of another round are gone through from the first on
    hint = JSON.stringify(found) === JSON.stringify(hints) ? hint + 1 : 0;
    hints = found;
    if (!hints.length) { hint = -1; say(t("no_suggestions")); return; }
    hint %= hints.length;
    if (hinted) hinted.remove();
    hinted = L.geoJSON(hints[hint].geometry, {
      pane: "labels", interactive: false, style: { color: "#ffea00", weight: 3, fill: false },
    }).addTo(map);
    map.fitBounds(hinted.getBounds().pad(6), { animate: false });
    panel();
  });

  // -- the preview ---------------------------------------------------------------------------------------

  const wanted = () => (document.getElementById("preview") || {}).checked;
  const clear = () => {
    if (seen) { seen.remove(); URL.revokeObjectURL(seen.made); }
    seen = null;
  };
  let settling = null;
  const see = () => {
    clearTimeout(settling);
    if (seeing) seeing.abort();
    if (!wanted()) { clear(); return; }
    settling = setTimeout(() => trying(async () => {
      const view = map.getBounds();
      const size = map.getSize();
      const given = new URLSearchParams({
        left: view.getWest(), bottom: view.getSouth(), right: view.getEast(), top: view.getNorth(),
        width: Math.round(size.x), height: Math.round(size.y),
      });
      const mine = new AbortController();
      seeing = mine;
      panel();
      try {
        const answer = await fetch(`preview.png?${given}`, { signal: mine.signal });
        if (answer.status === 409) return; // a newer one is on its way
        if (!answer.ok) throw new Error((await answer.json()).error);
        const made = URL.createObjectURL(await answer.blob());
        clear();
        seen = L.imageOverlay(made, view, { pane: "preview", opacity: 0.7 }).addTo(map);
        seen.made = made;
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      } finally {
        if (seeing === mine) { seeing = null; panel(); }
      }
    }), 150);
  };
  map.on("moveend", see);

  // -- what stands beside the map ----------------------------------------------------------------------------

  const button = (id, text, onclick, more = {}) => element("button", { type: "button", id, onclick, ...more }, text);
  const percent = (share) => (typeof share === "number" ? `${(100 * share).toFixed(1)} %` : "");

  // What is as it was stays: whoever just presses a button, or writes a width, is not disturbed by
  // a round that ends.
  const refill = (place, parts) => {
    const old = [...place.childNodes];
    const next = parts.map((part) => {
      const at = old.findIndex((one) => one.isEqualNode(part));
      return at < 0 ? part : old.splice(at, 1)[0];
    });
    for (const one of old) one.remove();
    next.forEach((part, index) => {
      if (place.childNodes[index] !== part) place.insertBefore(part, place.childNodes[index] || null);
    });
  };

  const panel = () => {
    const kept = { preview: wanted() || false };
    const parts = [
      element("h2", {}, `${t("label")}: ${desk.name}`),
      element("div", { class: "row", role: "radiogroup", id: "classes" }, desk.classes.map((one) =>
        element("button", {
          type: "button", role: "radio", "aria-checked": String(one.name === now.name),
          onclick: () => { now.name = one.name; sketch(); panel(); },
        }, element("span", { class: "key", colour: one.colour }), one.name))),
      element("div", { class: "row" }, ["polygon", "line", "point"].map((tool) =>
        button(`tool-${tool}`, t(tool), () => choose(tool), { "aria-pressed": String(now.tool === tool) }))),
    ];
    if (now.tool === "line" || now.tool === "point") {
      if (desk.metric) {
        parts.push(element("label", {}, element("span", {}, t("width")),
          element("input", { type: "number", id: "width", min: 0, step: "any" })));
      }
    }
    if (now.tool) parts.push(element("p", { class: "quiet" }, t("draw_hint")));
    parts.push(element("div", { class: "row" },
      now.corners.length ? button("finish", t("finish"), finish) : "",
      button("undo", t("undo"), () => remove(added.pop()), { disabled: !added.some((id) => known.has(id)) }),
      now.chosen !== null && known.has(now.chosen) ? button("remove", `${t("remove")} ${now.chosen}`, () => remove(now.chosen)) : "",
      element("span", { class: "quiet", id: "count" }, `${desk.count ?? 0} ${t("labels")}`)));
    parts.push(element("div", { class: "row" },
      button("learn", rounds.running ? t("stop") : t("learn"), () => learn(!rounds.running)),
      button("next", t("next"), nextHint)));
    if (hint >= 0 && hints[hint]) {
      const one = hints[hint];
      parts.push(element("p", { id: "hint" }, `${one.rank}. ${one.class}: ${one.reason}`));
    }
    parts.push(element("label", { class: "wide" }, element("input", {
      type: "checkbox", id: "preview", onchange: see,
    }), element("span", {}, t("preview")), seeing ? element("span", { class: "quiet", id: "seeing" }, t("mapping")) : ""));
    if (rounds.error) parts.push(element("p", { class: "wrong", id: "learn-error" }, rounds.error));
    else if (rounds.running) {
      for (const text of rounds.warnings) parts.push(element("p", { class: "wrong" }, text));
      parts.push(element("p", { class: "quiet", id: "mood" }, t(rounds.waits ? "waiting" : "learning")));
    }
    if (rounds.history.length) {
      parts.push(element("table", { id: "rounds" },
        element("tr", {}, [t("round"), t("labels"), "mIoU", t("weakest")].map((text) => element("th", {}, text))),
        rounds.history.slice(-8).reverse().map((one) => element("tr", {},
          element("td", {}, String(one.round)), element("td", {}, String(one.labels ?? "")),
          element("td", {}, percent(one.mean_iou)), element("td", {}, String(one.weakest ?? ""))))));
    } else {
      parts.push(element("p", { class: "quiet" }, t("no_model")));
    }
    refill(box, parts.filter(Boolean));
    // a property, not an attribute: what was ticked stays so
    document.getElementById("preview").checked = kept.preview;
  };

  box.hidden = false;
  document.body.classList.add("labels");
  load();
  ask();
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    if (!now.corners.length) load();
    if (!rounds.running) ask(); // another page, or another program, may have begun
  }, 10000);
  refresh();
};
