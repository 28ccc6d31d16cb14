"use strict";
// Where the page has its layers from: a server on this machine, or the page itself (export).

geoseg.served = () => {
  const ask = async (path, given = {}) => {
    let answer;
    try {
      answer = await fetch(path, given);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Error(geoseg.t("lost"));
    }
    if (answer.status === 403) throw new Error(geoseg.t("lost"));
    const told = await answer.json();
    if (told && told.error) throw new Error(told.error);
    return told;
  };
  const query = (given) => new URLSearchParams(given).toString();
  let last = null; // of places under the cursor only the newest is asked for
  return {
    ask,
    describe: () => ask("view.json"),
    areas: (key) => ask(`areas/${encodeURIComponent(key)}`),
    at: (x, y) => ask(`at?${query({ x, y })}`),
    under: (x, y, keys) => {
      if (last) last.abort();
      last = new AbortController();
      return ask(`at?${query({ x, y, keys })}`, { signal: last.signal });
    },
    pick: (x, y, reach) => ask(`pick?${query({ x, y, reach })}`),
    show: (layer, frame, options) =>
      L.tileLayer(`tile/${encodeURIComponent(layer.key)}/{z}/{x}/{y}.png?of=${layer.state}`, {
        ...options,
        tileSize: 256,
        minZoom: -2,
        maxZoom: frame.zoom + 8,
        maxNativeZoom: layer.kind === "vector" ? frame.zoom + 4 : frame.zoom,
        bounds: geoseg.bounds(layer.box),
        noWrap: true,
        className: layer.kind === "scene" ? "smooth" : "",
      }),
  };
};

// The page holds it all: rasters as pictures of numbers, polygons as GeoJSON.
geoseg.embedded = (held) => {
  const pictures = new Map(); // by key, what was decoded: {width, height, pixels, url}
  const decode = (layer) =>
    new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        canvas.width = image.width;
        canvas.height = image.height;
        const pen = canvas.getContext("2d", { willReadFrequently: true });
        pen.drawImage(image, 0, 0);
        const pixels = pen.getImageData(0, 0, image.width, image.height);
        const found = { width: image.width, height: image.height, numbers: null };
        if (layer.colours) {
          // numbers in grey, drawn here in their colours
          found.numbers = new Uint8Array(image.width * image.height);
          const table = layer.colours;
          for (let i = 0; i < found.numbers.length; i += 1) {
            const number = pixels.data[4 * i];
            found.numbers[i] = number;
            const colour = table[number];
            pixels.data[4 * i] = colour ? colour[0] : 0;
            pixels.data[4 * i + 1] = colour ? colour[1] : 0;
            pixels.data[4 * i + 2] = colour ? colour[2] : 0;
            pixels.data[4 * i + 3] = colour ? 255 : 0;
          }
          pen.putImageData(pixels, 0, 0);
          found.url = canvas.toDataURL("image/png");
        } else {
          found.url = layer.picture;
        }
        resolve(found);
      };
      image.onerror = () => reject(new Error(layer.name));
      image.src = layer.picture;
    });
  // Longitude and latitude, on straight lines between the crossings of a net.
  const placed = (x, y) => {
    const net = held.places;
    const [left, bottom, right, top] = held.frame.box;
    const last = net.length - 1;
    const across = ((x - left) / (right - left)) * last;
    const down = ((top - y) / (top - bottom)) * last;
    const column = Math.min(last - 1, Math.max(0, Math.floor(across)));
    const row = Math.min(last - 1, Math.max(0, Math.floor(down)));
    const corners = [net[row][column], net[row][column + 1], net[row + 1][column], net[row + 1][column + 1]];
    if (across < 0 || down < 0 || across > last || down > last || corners.includes(null)) return null;
    const [p, q] = [across - column, down - row];
    const shares = [(1 - p) * (1 - q), p * (1 - q), (1 - p) * q, p * q];
    return [0, 1].map((axis) => corners.reduce((sum, corner, i) => sum + shares[i] * corner[axis], 0));
  };
  const source = {
    describe: async () => {
      for (const layer of held.layers) {
        if (layer.picture) pictures.set(layer.key, await decode(layer));
      }
      return held;
    },
    areas: async (key) => held.areas[key],
    at: async (x, y) => {
      const found = { place: placed(x, y), layers: {} };
      for (const layer of held.layers) {
        const picture = pictures.get(layer.key);
        if (!picture || !picture.numbers) continue;
        const [left, bottom, right, top] = layer.box;
        const column = Math.floor(((x - left) / (right - left)) * picture.width);
        const row = Math.floor(((top - y) / (top - bottom)) * picture.height);
        if (column < 0 || row < 0 || column >= picture.width || row >= picture.height) continue;
        const number = picture.numbers[row * picture.width + column];
        if (!layer.colours[number]) continue;
        if (layer.kind === "classes") {
          const label = layer.legend[number];
          found.layers[layer.key] = { numbers: [label.value], class: label.name, colour: label.colour };
        } else {
          const share = number / 254;
          const { low, high } = layer.ramp;
          found.layers[layer.key] = { numbers: [low + share * (high - low)] };
        }
      }
      return found;
    },
    pick: async (x, y) => {
      const found = [];
      for (const layer of held.layers) {
        for (const feature of layer.features_held || []) {
          if (geoseg.inside(feature.geometry, x, y)) {
            found.push({
              layer: layer.name,
              attributes: feature.attributes,
              geometry: JSON.stringify(feature.geometry),
            });
          }
        }
      }
      return found;
    },
    show: (layer, frame, options) => {
      if (layer.features_held) {
        const colours = new Map(layer.legend.map((label) => [label.name, label.colour]));
        return L.geoJSON(
          layer.features_held.map((feature) => ({
            type: "Feature",
            properties: { colour: colours.get(feature.class) || "#e6550d" },
            geometry: feature.geometry,
          })),
          {
            ...options,
            renderer: L.canvas({ pane: options.pane }),
            interactive: false,
            pointToLayer: (_, at) => L.circleMarker(at, { radius: 4, pane: options.pane }),
            style: (feature) => ({
              color: feature.properties.colour,
              weight: 1,
              fillOpacity: 0.8,
            }),
          },
        );
      }
      return L.imageOverlay(pictures.get(layer.key).url, geoseg.bounds(layer.box), options);
    },
  };
  return { ...source, under: source.at };
};

geoseg.bounds = ([left, bottom, right, top]) => [[bottom, left], [top, right]];

// Whether a point lies in a polygon of GeoJSON: even and odd crossings of all its rings.
geoseg.inside = (geometry, x, y) => {
  if (geometry.type === "GeometryCollection") {
    return geometry.geometries.some((part) => geoseg.inside(part, x, y));
  }
  if (geometry.type === "MultiPolygon") {
    return geometry.coordinates.some((coordinates) =>
      geoseg.inside({ type: "Polygon", coordinates }, x, y));
  }
  if (geometry.type !== "Polygon") return false;
  let odd = false;
  for (const ring of geometry.coordinates) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [ax, ay] = ring[i];
      const [bx, by] = ring[j];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
    }
  }
  return odd;
};
