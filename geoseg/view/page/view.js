"use strict";
// The page: two layers compared by opacity, by a swipe or side by side; what lies under the cursor.

(() => {
  const { element, t } = geoseg;
  const byId = (id) => document.getElementById(id);
  const MODES = ["one", "swipe", "two"];
  const state = { mode: "one", left: "", right: "", opacity: 0.8, swipe: 0.5 };
  let told; // what is shown, as the source describes it
  let source;
  let maps = []; // of Leaflet: the one at the left, the other
  let shown = new Map(); // "map pane" -> what is drawn there, by key
  let found = null; // the shape that was clicked on, drawn
  let moving = false; // one map moves the other

  // -- the plane ------------------------------------------------------------------------------

  const plane = (frame) => {
    const unit = frame.pixel * 2 ** frame.zoom;
    return L.extend({}, L.CRS, {
      projection: {
        project: (place) => new L.Point(place.lng, place.lat),
        unproject: (point) => new L.LatLng(point.y, point.x),
        bounds: L.bounds([frame.box[0], frame.box[1]], [frame.box[2], frame.box[3]]),
      },
      transformation: new L.Transformation(
        1 / unit, -frame.box[0] / unit, -1 / unit, frame.box[3] / unit),
      scale: (zoom) => 2 ** zoom,
      zoom: (scale) => Math.log2(scale),
      infinite: true,
      distance: (a, b) => {
        const units = Math.hypot(a.lng - b.lng, a.lat - b.lat);
        const middle = (a.lat + b.lat) / 2;
        const metres = frame.mercator ? 1 / Math.cosh(middle / 6378137) : frame.metres;
        return units * metres;
      },
    });
  };

  const makeMap = (id) => {
    const { frame } = told;
    const map = L.map(id, {
      crs: plane(frame),
      attributionControl: false,
      zoomControl: false,
      minZoom: -2,
      maxZoom: frame.zoom + 8,
      zoomSnap: 1,
      zoomDelta: 1,
      doubleClickZoom: false,
      fadeAnimation: false,
      keyboard: true,
    });
    map.createPane("below").style.zIndex = 210;
    map.createPane("above").style.zIndex = 220;
    map.createPane("preview").style.zIndex = 230;
    L.control.zoom({ position: "topleft" }).addTo(map);
    if (frame.metres) L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    map.on("mousemove", (event) => hover(event.latlng));
    map.on("click", (event) => click(event.latlng, map));
    map.on("move", () => follow(map));
    map.on("moveend", () => remember());
    return map;
  };

  const follow = (map) => {
    clip();
    if (moving || state.mode !== "two") return;
    moving = true;
    const other = maps.find((one) => one !== map);
    if (other) other.setView(map.getCenter(), map.getZoom(), { animate: false });
    moving = false;
  };

  // -- layers ---------------------------------------------------------------------------------

  const layerOf = (key) => told.layers.find((layer) => layer.key === key);

  const put = (index, pane, key, opacity) => {
    const place = `${index} ${pane}`;
    const now = shown.get(place);
    if (!now || now.key !== key) {
      if (now && now.drawn) now.drawn.remove();
      const layer = layerOf(key);
      const drawn = layer ? source.show(layer, told.frame, { pane }) : null;
      if (drawn) drawn.addTo(maps[index]);
      shown.set(place, { key, drawn });
    }
    maps[index].getPane(pane).style.opacity = opacity;
  };

  const draw = () => {
    const two = state.mode === "two";
    byId("map-b").hidden = !two;
    byId("maps").classList.toggle("two", two);
    if (two && maps.length < 2) {
      maps.push(makeMap("map-b"));
      maps[1].setView(maps[0].getCenter(), maps[0].getZoom(), { animate: false });
    }
    for (const map of maps) map.invalidateSize({ animate: false });
    put(0, "below", state.left, 1);
    put(0, "above", two ? "" : state.right, state.mode === "one" ? state.opacity : 1);
    if (maps.length > 1) put(1, "above", two ? state.right : "", 1);
    byId("swipe").hidden = state.mode !== "swipe";
    clip();
    modes();
    layers();
    legend();
    remember();
  };

  // In a swipe, what is above shows right of the handle, and what is below left of it.
  const clip = () => {
    const map = maps[0];
    const size = map.getSize();
    const at = size.x * state.swipe;
    const handle = byId("swipe");
    handle.style.left = `${at}px`;
    handle.setAttribute("aria-valuenow", Math.round(100 * state.swipe));
    handle.setAttribute("aria-label", t("swipe"));
    const cut = (pane, from, to) => {
      const box = map.getPane(pane).style;
      if (state.mode !== "swipe") {
        box.clipPath = "";
        return;
      }
      const start = map.containerPointToLayerPoint([from, 0]);
      const end = map.containerPointToLayerPoint([to, size.y]);
      box.clipPath =
        `polygon(${start.x}px ${start.y}px, ${end.x}px ${start.y}px, ` +
        `${end.x}px ${end.y}px, ${start.x}px ${end.y}px)`;
    };
    cut("below", 0, at);
    cut("above", at, size.x);
  };

  const swipeTo = (share) => {
    state.swipe = Math.min(1, Math.max(0, share));
    clip();
    remember();
  };

  // -- what stands beside the map ---------------------------------------------------------------

  const modes = () => {
    const box = byId("modes");
    box.setAttribute("aria-label", t("compare"));
    box.replaceChildren(
      ...MODES.map((mode, index) =>
        element("button", {
          type: "button", role: "radio", id: `mode-${mode}`, title: String(index + 1),
          "aria-checked": String(state.mode === mode),
          onclick: () => { state.mode = mode; draw(); },
        }, t(mode))));
  };

  const choice = (side, name) => {
    const select = element("select", {
      id: `choose-${side}`,
      onchange: (event) => { state[side] = event.target.value; draw(); },
    });
    select.append(element("option", { value: "" }, t("nothing")));
    for (const layer of told.layers) {
      select.append(element("option", { value: layer.key }, layer.name));
    }
    select.value = state[side];
    return element("label", {}, element("span", {}, name), select);
  };

  const layers = () => {
    const one = state.mode === "one";
    const parts = [
      element("h2", {}, t("layers")),
      choice("left", t(one ? "below" : "left")),
      choice("right", t(one ? "above" : "right")),
    ];
    if (one) {
      parts.push(element("label", {}, element("span", {}, t("opacity")), element("input", {
        type: "range", id: "opacity", min: 0, max: 100, value: Math.round(100 * state.opacity),
        oninput: (event) => {
          state.opacity = Number(event.target.value) / 100;
          maps[0].getPane("above").style.opacity = state.opacity;
          remember();
        },
      })));
    }
    parts.push(element("div", { class: "row" },
      element("button", { type: "button", id: "fit", onclick: fit }, t("fit")),
      element("button", { type: "button", id: "exchange", title: t("exchange"), onclick: exchange }, "⇄")));
    if (told.scenes.length && !told.layers.some((layer) => layer.kind === "scene")) {
      const names = told.scenes.slice(0, 3).join(", ") + (told.scenes.length > 3 ? "…" : "");
      parts.push(element("p", { class: "quiet" }, t("scene_missing", { names })));
    }
    byId("layers").replaceChildren(...parts);
  };

  const square = (colour) => element("span", { class: "key", colour });

  const size = (area, metric) => {
    const number = (value, digits) =>
      value.toLocaleString(geoseg.language, { maximumFractionDigits: digits, minimumFractionDigits: digits });
    if (!metric) return `${number(area, 0)} ${t("pixels")}`;
    if (area >= 1e6) return `${number(area / 1e6, 2)} km²`;
    return area >= 1e4 ? `${number(area / 1e4, 2)} ha` : `${number(area, 0)} m²`;
  };

  const counted = new Map(); // by key, what was counted or is being
  const legend = () => {
    const parts = [];
    for (const key of new Set([state.left, state.right])) {
      const layer = layerOf(key);
      if (!layer || layer.kind === "scene") continue;
      const name = layer.kind === "vector"
        ? `${layer.name} (${layer.features.toLocaleString(geoseg.language)} ${t("features")})`
        : layer.name;
      parts.push(element("h2", {}, name));
      if (layer.kind === "number") parts.push(ramp(layer.ramp));
      else parts.push(classes(layer));
    }
    byId("legend").replaceChildren(...parts);
  };

  const ramp = ({ low, high, unit, colours }) => {
    const canvas = element("canvas", { class: "ramp", width: colours.length, height: 1 });
    const pen = canvas.getContext("2d");
    colours.forEach((colour, index) => { pen.fillStyle = colour; pen.fillRect(index, 0, 1, 1); });
    return element("div", {}, canvas, element("div", { class: "ends" },
      element("span", {}, `${short(low)} ${unit}`), element("span", {}, `${short(high)} ${unit}`)));
  };

  const short = (number) => Number(number.toPrecision(4)).toLocaleString(geoseg.language);

  const classes = (layer) => {
    const table = element("table", { class: "classes" });
    const note = element("p", { class: "quiet" }, t("counting"));
    const fill = (areas) => {
      note.remove();
      const rows = new Map(areas.rows.map((row) => [row.name, row]));
      const named = layer.legend.filter((label) => label.name);
      const order = [...named].sort((a, b) => (rows.get(b.name)?.area ?? -1) - (rows.get(a.name)?.area ?? -1));
      table.replaceChildren(...order.map((label) => {
        const row = rows.get(label.name);
        return element("tr", {},
          element("td", {}, square(label.colour), label.name),
          element("td", {}, row ? size(row.area, areas.metric) : ""),
          element("td", {}, row ? `${(100 * row.share).toFixed(1)} %` : ""));
      }));
    };
    if (!counted.has(layer.key)) counted.set(layer.key, source.areas(layer.key));
    fill({ rows: [], metric: false });
    const box = element("div", {}, table, note);
    counted.get(layer.key).then(fill, (error) => { note.textContent = error.message; });
    box.append(note);
    return box;
  };

  const credits = () => {
    const parts = told.attribution.map((line) => element("p", {}, line));
    if (parts.length) parts.unshift(element("p", {}, t("made")));
    if (told.fixed) parts.push(element("p", {}, t("fixed")));
    parts.push(element("p", {}, t("help")));
    parts.push(element("p", {}, "geoseg · Leaflet (BSD-2-Clause)"));
    byId("credits").replaceChildren(...parts);
  };

  // -- under the cursor -------------------------------------------------------------------------

  const value = (layer, entry) => {
    if (entry.class !== undefined) return entry.class;
    const unit = layer.ramp ? layer.ramp.unit : "";
    return `${entry.numbers.map(short).join(" ")} ${unit}`.trim();
  };

  const degrees = (place) =>
    place ? `${place[1].toFixed(5)}°, ${place[0].toFixed(5)}°` : "";

  let due = null;
  const hover = (place) => {
    clearTimeout(due);
    due = setTimeout(async () => {
      try {
        status(await source.under(place.lng, place.lat, followed().map((layer) => layer.key)));
      } catch (error) {
        if (error.name !== "AbortError") say(error.message);
      }
    }, 40);
  };

  // Of which the line at the bottom tells: all maps, and the numbers that are shown.
  const followed = () => told.layers.filter((layer) => layer.kind === "classes" ||
    (layer.kind === "number" && (layer.key === state.left || layer.key === state.right)));

  const status = (here) => {
    const parts = [element("span", { id: "where" }, degrees(here.place)), " "];
    const wanted = followed().filter((layer) => here.layers[layer.key]);
    for (const layer of wanted) {
      const entry = here.layers[layer.key];
      parts.push(" · ");
      if (entry.colour) parts.push(square(entry.colour));
      parts.push(element("span", { "data-under": layer.key }, value(layer, entry)));
      if (wanted.length > 1) parts.push(element("span", { class: "quiet" }, ` ${layer.name}`));
    }
    byId("under").replaceChildren(...parts);
  };

  const click = async (place, map) => {
    if (geoseg.labelling && geoseg.labelling.takes(place)) return;
    const reach = told.frame.pixel * 2 ** (told.frame.zoom - map.getZoom()) * 4;
    try {
      const [here, features] = await Promise.all([
        source.at(place.lng, place.lat), source.pick(place.lng, place.lat, reach)]);
      status(here);
      facts(here, features);
    } catch (error) {
      say(error.message);
    }
  };

  const facts = (here, features) => {
    forget();
    const row = (name, ...text) => element("tr", {}, element("td", {}, name), element("td", {}, ...text));
    const rows = here.place ? [row(t("place"), degrees(here.place))] : [];
    for (const layer of told.layers) {
      const entry = here.layers[layer.key];
      if (entry) rows.push(row(layer.name, entry.colour ? square(entry.colour) : "", value(layer, entry)));
    }
    if (rows.length < 2 && !features.length) rows.push(row("", t("no_data")));
    const parts = [element("h2", {}, t("here")), element("table", { class: "facts" }, ...rows)];
    for (const feature of features) {
      parts.push(element("h2", {}, feature.layer));
      parts.push(element("table", { class: "facts attributes" },
        ...feature.attributes.map(([name, text]) => row(name, text))));
    }
    byId("found").replaceChildren(...parts);
    if (features.length) {
      const shapes = features.map((feature) => ({ type: "Feature", properties: {}, geometry: JSON.parse(feature.geometry) }));
      found = maps.map((map) => L.geoJSON(shapes, {
        interactive: false,
        style: { color: "#ffea00", weight: 3, fill: false },
        pointToLayer: (_, at) => L.circleMarker(at, { radius: 8, color: "#ffea00", fill: false }),
      }).addTo(map));
    }
  };

  const forget = () => {
    for (const one of found || []) one.remove();
    found = null;
    byId("found").replaceChildren();
  };

  let saying = null;
  const say = (text) => {
    const box = byId("told");
    box.textContent = text;
    box.hidden = false;
    clearTimeout(saying);
    saying = setTimeout(() => { box.hidden = true; }, 8000);
  };

  // -- moves --------------------------------------------------------------------------------------

  const fit = () => maps[0].fitBounds(geoseg.bounds(told.frame.box), { animate: false });

  const exchange = () => {
    [state.left, state.right] = [state.right, state.left];
    draw();
  };

  const drawer = () => {
    const side = byId("side");
    side.classList.toggle("closed");
    byId("drawer").setAttribute("aria-expanded", String(!side.classList.contains("closed")));
    for (const map of maps) map.invalidateSize({ animate: false });
    clip();
  };

  const keys = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("select, input, textarea")) return;
    if (geoseg.labelling && geoseg.labelling.key(event)) return;
    const mode = MODES[Number(event.key) - 1];
    if (mode) { state.mode = mode; draw(); }
    else if (event.key === "[") swipeTo(state.swipe - 0.05);
    else if (event.key === "]") swipeTo(state.swipe + 0.05);
    else if (event.key === "x") exchange();
    else if (event.key === "l") drawer();
    else if (event.key === "Escape") forget();
    else return;
    event.preventDefault();
  };

  const swiping = () => {
    const handle = byId("swipe");
    const to = (event) => {
      const box = byId("map-a").getBoundingClientRect();
      swipeTo((event.clientX - box.left) / box.width);
    };
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      event.preventDefault();
      handle.focus();
    });
    handle.addEventListener("pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) to(event);
    });
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
      if (!step) return;
      swipeTo(state.swipe + step);
      event.preventDefault();
      event.stopPropagation();
    });
  };

  // -- the address ---------------------------------------------------------------------------------

  let remembering = null;
  const remember = () => {
    clearTimeout(remembering);
    remembering = setTimeout(() => {
      const at = maps[0].getCenter();
      const digits = Math.max(0, 2 - Math.floor(Math.log10(told.frame.pixel)));
      const hash = new URLSearchParams({
        x: at.lng.toFixed(digits), y: at.lat.toFixed(digits), z: maps[0].getZoom().toFixed(2),
        mode: state.mode, left: state.left, right: state.right,
        opacity: state.opacity.toFixed(2), swipe: state.swipe.toFixed(3),
      });
      try {
        history.replaceState(null, "", `#${hash}`);
      } catch {
        // too often at once, or a file that the browser lets say nothing: only the address is lost
      }
    }, 150);
  };

  const recall = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    const number = (name, least, most) => {
      const found = Number.parseFloat(given.get(name));
      return found >= least && found <= most ? found : null;
    };
    if (MODES.includes(given.get("mode"))) state.mode = given.get("mode");
    for (const side of ["left", "right"]) {
      const key = given.get(side);
      if (key !== null && (key === "" || layerOf(key))) state[side] = key;
    }
    state.opacity = number("opacity", 0, 1) ?? state.opacity;
    state.swipe = number("swipe", 0, 1) ?? state.swipe;
    const [x, y, z] = [number("x", -1e12, 1e12), number("y", -1e12, 1e12), number("z", -2, 60)];
    if (x !== null && y !== null && z !== null) maps[0].setView([y, x], z, { animate: false });
    else fit();
  };

  const first = () => {
    const of = (...kinds) => kinds.map((kind) => told.layers.find((layer) => layer.kind === kind)).find(Boolean);
    const above = of("classes", "vector", "number");
    const below = of("scene") || told.layers.find((layer) => layer !== above && layer.kind !== "number");
    state.left = below ? below.key : "";
    state.right = above ? above.key : "";
    if (!above && !below) state.left = told.layers[0].key;
    if (told.layers.some((layer) => layer.kind === "scene") && above) state.mode = "swipe";
  };

  const start = async () => {
    document.documentElement.lang = geoseg.language;
    const held = byId("held");
    source = held ? geoseg.embedded(JSON.parse(held.textContent)) : geoseg.served();
    told = await source.describe();
    document.title = `${told.title} · geoseg`;
    byId("title").textContent = told.title;
    byId("drawer").title = t("panel");
    byId("drawer").addEventListener("click", drawer);
    document.addEventListener("keydown", keys);
    maps = [makeMap("map-a")];
    maps[0].setView([0, 0], 0, { animate: false });
    first();
    recall();
    swiping();
    credits();
    draw();
    new ResizeObserver(() => {
      for (const map of maps) map.invalidateSize({ animate: false });
      clip();
    }).observe(byId("maps"));
    window.addEventListener("hashchange", () => { recall(); draw(); });
    const desk = { map: maps[0], told, source, say, refresh: draw, state };
    if (told.labelling) geoseg.label(desk);
    if (told.photographs) geoseg.photograph(desk);
    geoseg.ready = { maps, state, told }; // for tests and for the console
    document.body.dataset.ready = "yes";
  };

  start().catch((error) => say(error.message));
})();
