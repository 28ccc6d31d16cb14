"use strict";
// What the page says, in the browser's language: English, or Korean.
const geoseg = {};

geoseg.words = {
  en: {
    one: "Overlay", swipe: "Swipe", two: "Side by side", left: "Left", right: "Right",
    below: "Below", above: "Above", nothing: "(nothing)", opacity: "Opacity", layers: "Layers",
    counting: "counting the pixels…", area: "area", share: "share", pixels: "px",
    features: "polygons", place: "Place", here: "Here", no_data: "no data",
    panel: "Layers and legend", compare: "How two layers are compared",
    help: "Keys: arrows and + - move, 1 2 3 compare, [ ] swipe, X exchange, L panel, Esc close.",
    scene_missing: "Made from {names}: name it after the map to see it here.",
    lost: "The server does not answer: start geoseg view again, and open the address it prints.",
    fit: "Show all", exchange: "Exchange left and right", made: "Made with",
    label: "Label", polygon: "Polygon", line: "Line", point: "Point", undo: "Undo",
    remove: "Remove", finish: "Finish", width: "Width (m)", learn: "Learn", stop: "Stop",
    next: "Next suggestion", preview: "Map the view as I move", no_model: "nothing learned yet",
    draw_hint: "Choose a class, draw: click corners, double-click or Enter ends, Backspace takes one back.",
    labels: "labels", round: "Round", weakest: "weakest", learning: "learning…",
    waiting: "learned from all labels; goes on when you draw", seconds: "s",
    no_suggestions: "no suggestions yet: they come with the first round",
    saved: "saved", photo: "A photograph", drop: "Drop a photograph here (JPEG, PNG), or",
    choose: "choose one", pixel_size: "One pixel is",
    centimetres: "cm on the ground",
    photo_note: "The model landcover-rgb learned from aerial pictures that look straight down. Of a photograph taken otherwise it makes something, but not something to rely on.",
    mapping: "mapping…", photo_done: "The labelled picture", save: "Save it as PNG",
    fixed: "A picture of the map as it was; nothing is loaded.",
  },
  ko: {
    one: "겹쳐 보기", swipe: "밀어 보기", two: "나란히", left: "왼쪽", right: "오른쪽",
    below: "아래", above: "위", nothing: "(없음)", opacity: "불투명도", layers: "레이어",
    counting: "픽셀을 세는 중…", area: "면적", share: "비율", pixels: "px",
    features: "개 도형", place: "위치", here: "이 지점", no_data: "데이터 없음",
    panel: "레이어와 범례", compare: "두 레이어를 비교하는 방법",
    help: "키: 화살표와 + - 이동, 1 2 3 비교 방법, [ ] 밀기, X 좌우 바꾸기, L 패널, Esc 닫기.",
    scene_missing: "{names}에서 만들었습니다. 여기서 보려면 지도 뒤에 그 파일을 적으십시오.",
    lost: "서버가 응답하지 않습니다. geoseg view를 다시 실행하고 표시된 주소를 여십시오.",
    fit: "전체 보기", exchange: "좌우 바꾸기", made: "사용한 모델",
    label: "라벨링", polygon: "다각형", line: "선", point: "점", undo: "실행 취소",
    remove: "삭제", finish: "완료", width: "너비(m)", learn: "학습", stop: "중지",
    next: "다음 제안", preview: "이동할 때마다 화면을 분류", no_model: "아직 학습한 것이 없습니다",
    draw_hint: "클래스를 고르고 그리십시오. 클릭으로 꼭짓점을 찍고, 두 번 클릭이나 Enter로 끝내며, Backspace로 하나 되돌립니다.",
    labels: "개 라벨", round: "회차", weakest: "가장 약한 클래스", learning: "학습 중…",
    waiting: "모든 라벨을 학습했습니다. 라벨을 더 그리면 이어서 학습합니다", seconds: "초",
    no_suggestions: "아직 제안이 없습니다. 첫 회차와 함께 나옵니다",
    saved: "저장됨", photo: "사진", drop: "사진(JPEG, PNG)을 여기에 놓거나",
    choose: "파일 고르기", pixel_size: "픽셀 하나의 크기",
    centimetres: "cm (지상)",
    photo_note: "landcover-rgb 모델은 똑바로 내려다본 항공 사진으로 학습했습니다. 다르게 찍은 사진에서도 결과는 나오지만 믿을 만한 것은 아닙니다.",
    mapping: "분류 중…", photo_done: "분류한 사진", save: "PNG로 저장",
    fixed: "저장 당시의 지도이며, 아무것도 불러오지 않습니다.",
  },
};

geoseg.language = (navigator.language || "en").toLowerCase().startsWith("ko") ? "ko" : "en";

geoseg.t = (key, given = {}) => {
  let text = geoseg.words[geoseg.language][key];
  for (const [name, value] of Object.entries(given)) text = text.replace(`{${name}}`, () => value);
  return text;
};

// An element with what stands in it. Texts become text nodes, here and nowhere else: what a file
// calls its classes is never markup.
geoseg.element = (tag, given = {}, ...inside) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "colour") made.style.background = value;
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, value);
  }
  for (const part of inside.flat()) if (part || part === 0) made.append(part);
  return made;
};
