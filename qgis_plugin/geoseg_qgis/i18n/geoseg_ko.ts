<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
 <context>
  <name>geoseg</name>
  <message>
   <source>{pixels:,} pixels mapped, {empty:,} without data, by {model} in {seconds:.1f} s: {speed:.3g} Mpx/s on {device}</source>
   <translation>전체 {pixels:,}픽셀 매핑, 데이터 없음 {empty:,}픽셀, 모델 {model}, {seconds:.1f}초: {device}에서 {speed:.3g} Mpx/s</translation>
  </message>
  <message>
   <source>segment</source>
   <translation>분할</translation>
  </message>
  <message>
   <source>majority filter</source>
   <translation>다수결 필터</translation>
  </message>
  <message>
   <source>fill holes</source>
   <translation>구멍 메우기</translation>
  </message>
  <message>
   <source>merge small areas</source>
   <translation>작은 영역 합치기</translation>
  </message>
  <message>
   <source>trace polygons</source>
   <translation>폴리곤 추적</translation>
  </message>
  <message>
   <source>compare</source>
   <translation>비교</translation>
  </message>
  <message>
   <source>train</source>
   <translation>학습</translation>
  </message>
  <message>
   <source>Cancelled: nothing was written.</source>
   <translation>취소되었습니다. 아무것도 쓰지 않았습니다.</translation>
  </message>
  <message>
   <source>The same job on a command line:</source>
   <translation>명령줄에서 같은 작업:</translation>
  </message>
  <message>
   <source>Engine: geoseg {version} in {python} ({origin})</source>
   <translation>엔진: geoseg {version}, {python} ({origin})</translation>
  </message>
  <message>
   <source>Cancelled; written already: {paths}</source>
   <translation>취소됨. 이미 기록된 것: {paths}</translation>
  </message>
  <message>
   <source>Mapping</source>
   <translation>매핑</translation>
  </message>
  <message>
   <source>Quality</source>
   <translation>품질</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>모델</translation>
  </message>
  <message>
   <source>Engine</source>
   <translation>엔진</translation>
  </message>
  <message>
   <source>{stage} on {device}</source>
   <translation>{device}에서 {stage}</translation>
  </message>
  <message>
   <source>“{layer}” shows its file anew.</source>
   <translation>“{layer}” 레이어가 파일을 다시 읽어 보여 줍니다.</translation>
  </message>
  <message>
   <source>Change between two maps</source>
   <translation>두 지도 사이의 변화</translation>
  </message>
  <message>
   <source>Tells what became what between two class rasters, and where.</source>
   <translation>두 분류 래스터 사이에서 무엇이 무엇으로, 어디에서 바뀌었는지 알려 줍니다.</translation>
  </message>
  <message>
   <source>Compares two class rasters of the same classes, geoseg's or any others, pixel by pixel, and draws what became what as polygons, with the columns “before” and “after”. The log shows the area of each class and of each transition.

A pixel that is wrong in either map counts as change. For areas that can be relied on, write the raster of transitions (--raster), draw “Sample points for accuracy” on it, and run “Evaluate a map” with the sample.</source>
   <translation>같은 클래스를 가진 두 분류 래스터(geoseg 것이든 다른 것이든)를 픽셀마다 비교하고, 무엇이 무엇으로 바뀌었는지를 “before”와 “after” 열이 있는 폴리곤으로 그립니다. 로그에는 각 클래스와 각 전이의 면적이 나옵니다.

어느 한 지도에서 틀린 픽셀은 변화로 집계됩니다. 믿을 수 있는 면적이 필요하면 전이 래스터를 쓰고(--raster), 그 위에서 “정확도 표본점”을 뽑은 다음 그 표본으로 “지도 평가”를 실행하십시오.</translation>
  </message>
  <message>
   <source>What either map calls A is the class B: A=B, or several as A=B; C=D.</source>
   <translation>어느 지도에서든 A라고 부르는 것은 클래스 B입니다: A=B, 여러 개는 A=B; C=D.</translation>
  </message>
  <message>
   <source>By the nearest pixel. Without it maps on other pixels are refused, for they would show change along every border.</source>
   <translation>가장 가까운 픽셀로 맞춥니다. 이것이 없으면 픽셀이 다른 지도는 거부됩니다. 모든 경계를 따라 변화가 나타나기 때문입니다.</translation>
  </message>
  <message>
   <source>change detection,transition,from-to,land cover,difference,matrix</source>
   <translation>변화 탐지,전이,from-to,토지 피복,차이,행렬</translation>
  </message>
  <message>
   <source>Class raster before</source>
   <translation>이전 분류 래스터</translation>
  </message>
  <message>
   <source>Class raster after</source>
   <translation>이후 분류 래스터</translation>
  </message>
  <message>
   <source>Classes of one name</source>
   <translation>같은 이름으로 볼 클래스</translation>
  </message>
  <message>
   <source>Resample the later map to the earlier one</source>
   <translation>나중 지도를 이전 지도의 픽셀에 맞추기</translation>
  </message>
  <message>
   <source>Polygons also of what did not change</source>
   <translation>바뀌지 않은 곳의 폴리곤도</translation>
  </message>
  <message>
   <source>Change</source>
   <translation>변화</translation>
  </message>
  <message>
   <source>Change from {before} to {after}</source>
   <translation>{before}에서 {after}(으)로의 변화</translation>
  </message>
  <message>
   <source>“{text}” does not say which class is which: write A=B.</source>
   <translation>“{text}”은(는) 어느 클래스가 어느 것인지 말하지 않습니다. A=B로 쓰십시오.</translation>
  </message>
  <message>
   <source>Check the engine</source>
   <translation>엔진 점검</translation>
  </message>
  <message>
   <source>Tells whether the engine works here, and what it has.</source>
   <translation>엔진이 여기서 작동하는지, 무엇을 갖추고 있는지 알려 줍니다.</translation>
  </message>
  <message>
   <source>Tells which engine is used and where it comes from, its version and those of its libraries, the devices it can compute on, and the models it has; then runs every model on a small scene whose answer is known. The log can be copied into a report of a problem.</source>
   <translation>어떤 엔진을 어디에서 쓰는지, 엔진과 라이브러리의 버전, 계산할 수 있는 장치, 가진 모델을 알려 준 다음, 답을 아는 작은 장면에서 모든 모델을 실행합니다. 로그는 문제 보고서에 복사할 수 있습니다.</translation>
  </message>
  <message>
   <source>doctor,version,device,gpu,install,test</source>
   <translation>점검,버전,장치,gpu,설치,시험,doctor</translation>
  </message>
  <message>
   <source>Version of the engine</source>
   <translation>엔진의 버전</translation>
  </message>
  <message>
   <source>The engine's Python</source>
   <translation>엔진의 Python</translation>
  </message>
  <message>
   <source>Plugin: geoseg {version}</source>
   <translation>플러그인: geoseg {version}</translation>
  </message>
  <message>
   <source>not known</source>
   <translation>알 수 없음</translation>
  </message>
  <message>
   <source>Check a scene</source>
   <translation>장면 점검</translation>
  </message>
  <message>
   <source>Tells what a scene is, which models fit it, and what to do where none does.</source>
   <translation>장면이 무엇인지, 어떤 모델이 맞는지, 맞는 모델이 없으면 무엇을 해야 하는지 알려 줍니다.</translation>
  </message>
  <message>
   <source>Tells what a scene is: product, sensor, bands with their wavelengths, pixel size, CRS, and how much of it holds data. For each model it says what fits and what does not, and which field would settle that. Nothing is mapped, and it takes a second or two.

“Predict land cover” refuses a scene for the same reasons, in the same words.</source>
   <translation>장면이 무엇인지 알려 줍니다: 제품, 센서, 밴드와 그 파장, 픽셀 크기, 좌표계, 자료가 있는 부분의 비율. 모델마다 무엇이 맞고 무엇이 맞지 않는지, 어느 입력란으로 해결되는지 알려 줍니다. 지도는 만들지 않으며, 1~2초면 끝납니다.

“토지 피복 예측”도 같은 이유로, 같은 말로 장면을 거부합니다.</translation>
  </message>
  <message>
   <source>sensor</source>
   <translation>센서</translation>
  </message>
  <message>
   <source>bands</source>
   <translation>밴드</translation>
  </message>
  <message>
   <source>data type</source>
   <translation>자료형</translation>
  </message>
  <message>
   <source>scaling</source>
   <translation>환산</translation>
  </message>
  <message>
   <source>pixel size</source>
   <translation>픽셀 크기</translation>
  </message>
  <message>
   <source>values</source>
   <translation>값</translation>
  </message>
  <message>
   <source>auto tries all; or a name, or the folder of a model of your own.</source>
   <translation>auto는 모두 시험합니다. 또는 모델 이름이나 직접 만든 모델의 폴더.</translation>
  </message>
  <message>
   <source>{model} fits.</source>
   <translation>{model}: 맞습니다.</translation>
  </message>
  <message>
   <source>{model} does not fit:</source>
   <translation>{model}: 맞지 않습니다:</translation>
  </message>
  <message>
   <source>scene,bands,wavelength,scale,nodata,pixel size,product,fits,model</source>
   <translation>장면,밴드,파장,스케일,nodata,픽셀 크기,제품,적합,모델</translation>
  </message>
  <message>
   <source>The models that fit</source>
   <translation>맞는 모델</translation>
  </message>
  <message>
   <source>The model that auto takes</source>
   <translation>auto가 고르는 모델</translation>
  </message>
  <message>
   <source>All that was found, as JSON</source>
   <translation>알아낸 모든 것 (JSON)</translation>
  </message>
  <message>
   <source>Product: {product}</source>
   <translation>제품: {product}</translation>
  </message>
  <message>
   <source>Sensor: {sensor}</source>
   <translation>센서: {sensor}</translation>
  </message>
  <message>
   <source>Size: {height} rows, {width} columns</source>
   <translation>크기: {height}행, {width}열</translation>
  </message>
  <message>
   <source>Pixels: {height:.4g} x {width:.4g} m</source>
   <translation>픽셀: {height:.4g} x {width:.4g} m</translation>
  </message>
  <message>
   <source>CRS: {crs}</source>
   <translation>좌표계: {crs}</translation>
  </message>
  <message>
   <source>Clouds: {share:.3g} %, as the product says</source>
   <translation>구름: {share:.3g} % (제품에 적힌 값)</translation>
  </message>
  <message>
   <source>Band {number}: {name}</source>
   <translation>밴드 {number}: {name}</translation>
  </message>
  <message>
   <source>Its own mask tells: {names}</source>
   <translation>제품 자체 마스크가 알려 주는 것: {names}</translation>
  </message>
  <message>
   <source>Holds data: {share:.1%} of what was looked at</source>
   <translation>자료가 있는 부분: 살펴본 것의 {share:.1%}</translation>
  </message>
  <message>
   <source>expected {what}</source>
   <translation>필요한 것: {what}</translation>
  </message>
  <message>
   <source>Describe a model</source>
   <translation>모델 설명</translation>
  </message>
  <message>
   <source>Shows what a model expects of a scene, how good it is, and what it has not seen.</source>
   <translation>모델이 장면에 무엇을 요구하는지, 얼마나 정확한지, 무엇을 본 적이 없는지 보여 줍니다.</translation>
  </message>
  <message>
   <source>Shows a model's card: bands, data types, pixel size, classes with their colours, the scores measured on places held out, the limits, licence and credits. In the log, and as a page in the Results Viewer.

Read the limits before you trust a map.</source>
   <translation>모델 카드를 보여 줍니다: 밴드, 자료형, 픽셀 크기, 클래스와 색, 따로 남겨 둔 장소에서 잰 점수, 한계, 라이선스와 출처. 로그와 결과 뷰어의 페이지로 나옵니다.

지도를 믿기 전에 한계를 읽으십시오.</translation>
  </message>
  <message>
   <source>Model</source>
   <translation>모델</translation>
  </message>
  <message>
   <source>A name, or the folder of a model of your own.</source>
   <translation>이름, 또는 직접 만든 모델의 폴더.</translation>
  </message>
  <message>
   <source>Page</source>
   <translation>페이지</translation>
  </message>
  <message>
   <source>Name a model: auto means another one for each scene.</source>
   <translation>모델 이름을 지정하십시오: auto는 장면마다 다른 모델을 뜻합니다.</translation>
  </message>
  <message>
   <source>model,card,classes,bands,accuracy,scores,limits,licence</source>
   <translation>모델,카드,클래스,밴드,정확도,점수,한계,라이선스</translation>
  </message>
  <message>
   <source>Evaluate a map</source>
   <translation>지도 평가</translation>
  </message>
  <message>
   <source>Compares a map with the truth, or tells its accuracy from an interpreted sample.</source>
   <translation>지도를 참값과 비교하거나, 판독한 표본으로 정확도를 알려 줍니다.</translation>
  </message>
  <message>
   <source>Either compares a map with a truth layer, raster or vector, in any CRS: confusion matrix, accuracy, IoU and F1 of each class, agreement of the borders, and how reliable the confidence is.

Or takes an interpreted sample of “Sample points for accuracy” alone, and gives accuracies and the area of each class with 95 % intervals.

The result is a page with tables and pictures, and a JSON file with all numbers.</source>
   <translation>지도를 참값 레이어(래스터 또는 벡터, 모든 좌표계)와 비교하여 오차 행렬, 정확도, 클래스별 IoU와 F1, 경계의 일치, 신뢰도의 믿을 만함을 냅니다.

또는 “정확도 표본점 추출”에서 판독한 표본만으로 정확도와 클래스별 면적을 95 % 구간과 함께 냅니다.

결과는 표와 그림이 있는 페이지와 모든 수치가 담긴 JSON 파일입니다.</translation>
  </message>
  <message>
   <source>Points of “Sample points for accuracy” with their column truth filled in.</source>
   <translation>truth 열을 채운 “정확도 표본점 추출”의 점.</translation>
  </message>
  <message>
   <source>What the truth calls the map's classes, such as 5=water, forest=trees.</source>
   <translation>참값에서 지도의 클래스를 부르는 이름. 예: 5=water, forest=trees.</translation>
  </message>
  <message>
   <source>Classes of the truth that count as unlabelled, such as 0, unknown.</source>
   <translation>표시되지 않은 것으로 볼 참값의 클래스. 예: 0, unknown.</translation>
  </message>
  <message>
   <source>are an error</source>
   <translation>오류로 처리</translation>
  </message>
  <message>
   <source>count as wrong pixels</source>
   <translation>틀린 픽셀로 셈</translation>
  </message>
  <message>
   <source>count as unlabelled</source>
   <translation>표시되지 않은 것으로 셈</translation>
  </message>
  <message>
   <source>Such as 2px or 15m; off leaves the borders out.</source>
   <translation>예: 2px 또는 15m. off는 경계를 뺍니다.</translation>
  </message>
  <message>
   <source>Give a map and its truth, or a sample alone.</source>
   <translation>지도와 참값을 주거나, 표본만 주십시오.</translation>
  </message>
  <message>
   <source>Write the names as 5=water, forest=trees: the truth's class, then the map's.</source>
   <translation>이름은 5=water, forest=trees처럼 쓰십시오: 참값의 클래스, 그다음 지도의 클래스.</translation>
  </message>
  <message>
   <source>Choose the column of the truth that holds the class.</source>
   <translation>클래스가 든 참값의 열을 고르십시오.</translation>
  </message>
  <message>
   <source>accuracy,confusion matrix,IoU,F1,area estimation,truth,validation</source>
   <translation>정확도,오차 행렬,IoU,F1,면적 추정,참값,검증</translation>
  </message>
  <message>
   <source>Map (class raster)</source>
   <translation>지도 (클래스 래스터)</translation>
  </message>
  <message>
   <source>Truth (raster or vector)</source>
   <translation>참값 (래스터 또는 벡터)</translation>
  </message>
  <message>
   <source>The truth's column of classes</source>
   <translation>참값의 클래스 열</translation>
  </message>
  <message>
   <source>Or: an interpreted sample</source>
   <translation>또는: 판독한 표본</translation>
  </message>
  <message>
   <source>Confidence of the map</source>
   <translation>지도의 신뢰도</translation>
  </message>
  <message>
   <source>Truth's names on the map</source>
   <translation>지도에서 쓰는 참값의 이름</translation>
  </message>
  <message>
   <source>Truth's unlabelled classes</source>
   <translation>참값에서 표시 안 된 클래스</translation>
  </message>
  <message>
   <source>Classes of the truth that the map lacks</source>
   <translation>지도에 없는 참값의 클래스</translation>
  </message>
  <message>
   <source>How far apart borders may lie</source>
   <translation>경계가 떨어져도 되는 거리</translation>
  </message>
  <message>
   <source>Numbers</source>
   <translation>수치</translation>
  </message>
  <message>
   <source>“{text}” is no distance of borders: write it as 2px, 15m or off.</source>
   <translation>“{text}”은(는) 경계의 거리가 아닙니다: 2px, 15m 또는 off로 쓰십시오.</translation>
  </message>
  <message>
   <source>Predict land cover</source>
   <translation>토지 피복 예측</translation>
  </message>
  <message>
   <source>Maps a scene: polygons, class raster and confidence, coloured and named.</source>
   <translation>장면을 지도로 만듭니다: 색과 이름이 있는 폴리곤, 클래스 래스터, 신뢰도.</translation>
  </message>
  <message>
   <source>Maps the land cover of a scene with a model, and loads the result with its colours and names.

Pick the scene's layer, or name a satellite product, and run: the model is chosen by what the scene is (names of its bands, data type, pixel size). A scene that no model fits is refused with the reason. Where a scene's bands are layers of their own, such as the files of a Sentinel-2 product, pick one of them and add the others.

The polygons carry class, area, perimeter and mean confidence. The confidence raster is in percent.

The log shows the model and why it was chosen, the device, the speed, and the same job as a command line. “Describe a model” tells how far a model can be trusted.</source>
   <translation>모델로 장면의 토지 피복을 지도로 만들고, 결과를 색과 이름과 함께 불러옵니다.

장면의 레이어를 고르거나 위성 제품을 지정하고 실행하십시오: 모델은 장면이 무엇인지(밴드 이름, 자료형, 픽셀 크기)에 따라 선택됩니다. 맞는 모델이 없는 장면은 이유와 함께 거부됩니다. Sentinel-2 제품의 파일처럼 밴드가 각각의 레이어이면, 하나를 고르고 나머지를 추가하십시오.

폴리곤에는 클래스, 면적, 둘레, 평균 신뢰도가 있습니다. 신뢰도 래스터는 퍼센트입니다.

로그에는 모델과 선택한 이유, 장치, 속도, 같은 작업의 명령줄이 나옵니다. “모델 설명”은 모델을 얼마나 믿을 수 있는지 알려 줍니다.</translation>
  </message>
  <message>
   <source>auto takes the one that fits the scene; or a name, or the folder of a model of your own.</source>
   <translation>auto는 장면에 맞는 모델을 고릅니다. 또는 이름이나 직접 만든 모델의 폴더.</translation>
  </message>
  <message>
   <source>A number for each 32 x 32 pixels of the scene: 1 % of the land that the model knows is above 100.</source>
   <translation>장면의 32 x 32 픽셀마다 하나의 수: 모델이 아는 땅의 1 %가 100보다 큽니다.</translation>
  </message>
  <message>
   <source>clouds</source>
   <translation>구름</translation>
  </message>
  <message>
   <source>shadows</source>
   <translation>그림자</translation>
  </message>
  <message>
   <source>snow</source>
   <translation>눈</translation>
  </message>
  <message>
   <source>What a satellite product tells of its pixels is left out of the map: nodata.</source>
   <translation>위성 제품이 알려 주는 픽셀을 지도에서 제외합니다: nodata.</translation>
  </message>
  <message>
   <source>Window of the network, in pixels</source>
   <translation>신경망의 창 크기 (픽셀)</translation>
  </message>
  <message>
   <source>Overlap of the windows, in pixels</source>
   <translation>창의 겹침 (픽셀)</translation>
  </message>
  <message>
   <source>Windows at a time</source>
   <translation>한 번에 처리할 창의 수</translation>
  </message>
  <message>
   <source>Precision</source>
   <translation>정밀도</translation>
  </message>
  <message>
   <source>fp32 gives the same classes on every machine; auto is the fastest that the device has.</source>
   <translation>fp32는 모든 컴퓨터에서 같은 클래스를 냅니다. auto는 장치에서 가장 빠른 것입니다.</translation>
  </message>
  <message>
   <source>Test-time augmentation</source>
   <translation>테스트 시 증강(TTA)</translation>
  </message>
  <message>
   <source>The network sees each window several ways, and their scores are averaged: flips takes 4 times as long, d4 8 times.</source>
   <translation>신경망이 각 창을 여러 방향으로 보고 그 점수를 평균합니다. flips는 4배, d4는 8배의 시간이 걸립니다.</translation>
  </message>
  <message>
   <source>Polygons of built classes alone; they then may leave gaps or overlaps of about a pixel.</source>
   <translation>건물 클래스의 폴리곤만 해당합니다. 한 픽셀쯤 틈이나 겹침이 생길 수 있습니다.</translation>
  </message>
  <message>
   <source>Where values or pixel size are others than the model was trained on.</source>
   <translation>값이나 픽셀 크기가 모델이 학습한 것과 다를 때.</translation>
  </message>
  <message>
   <source>Else it is mapped, and the log warns.</source>
   <translation>그렇지 않으면 지도를 만들고 로그에 경고합니다.</translation>
  </message>
  <message>
   <source>Choose where the land cover goes: polygons, classes, or both.</source>
   <translation>토지 피복을 어디에 쓸지 고르십시오: 폴리곤, 클래스, 또는 둘 다.</translation>
  </message>
  <message>
   <source>Unlike what is known in {scene}</source>
   <translation>{scene}에서 모델이 아는 것과 다른 곳</translation>
  </message>
  <message>
   <source>Confidence of {scene}</source>
   <translation>{scene}의 신뢰도</translation>
  </message>
  <message>
   <source>Land cover of {scene}</source>
   <translation>{scene}의 토지 피복</translation>
  </message>
  <message>
   <source>Classes of {scene}</source>
   <translation>{scene}의 클래스</translation>
  </message>
  <message>
   <source>land cover,classification,segmentation,deep learning,map,sentinel-2,aerial</source>
   <translation>토지 피복,분류,분할,딥러닝,지도,sentinel-2,항공,land cover</translation>
  </message>
  <message>
   <source>Land cover polygons</source>
   <translation>토지 피복 폴리곤</translation>
  </message>
  <message>
   <source>Class raster</source>
   <translation>분류 래스터</translation>
  </message>
  <message>
   <source>Confidence raster</source>
   <translation>신뢰도 래스터</translation>
  </message>
  <message>
   <source>How unlike what the model knows</source>
   <translation>모델이 아는 것과 얼마나 다른지</translation>
  </message>
  <message>
   <source>Mask of the product</source>
   <translation>제품의 마스크</translation>
  </message>
  <message>
   <source>Give buildings right angles</source>
   <translation>건물을 직각으로 만들기</translation>
  </message>
  <message>
   <source>Go on outside the model's range</source>
   <translation>모델의 범위를 벗어나도 계속</translation>
  </message>
  <message>
   <source>Refuse a scene unlike what the model knows</source>
   <translation>모델이 아는 것과 다른 장면은 거부</translation>
  </message>
  <message>
   <source>Map of {scene}</source>
   <translation>{scene}의 지도</translation>
  </message>
  <message>
   <source>Sample points for accuracy</source>
   <translation>정확도 표본점 추출</translation>
  </message>
  <message>
   <source>Draws points at random in each class of a map, to be interpreted.</source>
   <translation>지도의 클래스마다 판독할 점을 무작위로 뽑습니다.</translation>
  </message>
  <message>
   <source>Draws a stratified random sample of a map's pixels, each class being a stratum.

Open the points over imagery, choose the true class of each in its column “truth” (QGIS shows a list of the classes), save, and run “Evaluate a map” with this layer as the sample: it gives the accuracy, and the area of each class with its 95 % interval.

Keep the map's class hidden from who interprets, where you can.</source>
   <translation>지도의 픽셀에서 클래스를 층으로 하는 층화 무작위 표본을 뽑습니다.

영상 위에 점을 열고, 각 점의 참 클래스를 “truth” 열에서 고르고(QGIS가 클래스 목록을 보여 줍니다) 저장한 다음, 이 레이어를 표본으로 “지도 평가”를 실행하십시오: 정확도와 클래스별 면적을 95 % 구간과 함께 냅니다.

가능하면 판독하는 사람에게 지도의 클래스를 숨기십시오.</translation>
  </message>
  <message>
   <source>How many points</source>
   <translation>점의 수</translation>
  </message>
  <message>
   <source>From who interprets.</source>
   <translation>판독하는 사람에게 숨깁니다.</translation>
  </message>
  <message>
   <source>by the classes' areas</source>
   <translation>클래스의 면적에 따라</translation>
  </message>
  <message>
   <source>the same number in each class</source>
   <translation>클래스마다 같은 수</translation>
  </message>
  <message>
   <source>Neyman: by area and spread</source>
   <translation>네이만: 면적과 분산에 따라</translation>
  </message>
  <message>
   <source>Points in each class at least</source>
   <translation>클래스마다 최소 점의 수</translation>
  </message>
  <message>
   <source>Seed</source>
   <translation>시드</translation>
  </message>
  <message>
   <source>The same seed gives the same points; more of them only add to these.</source>
   <translation>같은 시드는 같은 점을 냅니다. 점을 늘리면 여기에 더해질 뿐입니다.</translation>
  </message>
  <message>
   <source>The sample is a GeoPackage: give it a name that ends in .gpkg.</source>
   <translation>표본은 GeoPackage입니다: .gpkg로 끝나는 이름을 주십시오.</translation>
  </message>
  <message>
   <source>accuracy,validation,stratified,random points,area estimation,interpretation</source>
   <translation>정확도,검증,층화,무작위 점,면적 추정,판독</translation>
  </message>
  <message>
   <source>Hide the map's class</source>
   <translation>지도의 클래스 숨기기</translation>
  </message>
  <message>
   <source>Shared out</source>
   <translation>배분</translation>
  </message>
  <message>
   <source>Sample</source>
   <translation>표본</translation>
  </message>
  <message>
   <source>Sample of {map}</source>
   <translation>{map}의 표본</translation>
  </message>
  <message>
   <source>A raster layer with the scene's bands.</source>
   <translation>장면의 밴드가 있는 래스터 레이어.</translation>
  </message>
  <message>
   <source>Where each band is a layer. They may be of other pixel sizes; the finest counts.</source>
   <translation>밴드마다 레이어가 따로일 때. 픽셀 크기는 달라도 되며, 가장 고운 것을 따릅니다.</translation>
  </message>
  <message>
   <source>Or a satellite product</source>
   <translation>또는 위성 제품</translation>
  </message>
  <message>
   <source>As it was downloaded: its zip or tar file, or the metadata in its folder: MTD_*.xml of Sentinel-2, *_MTL.txt of Landsat. The path of the folder itself, such as one that ends in .SAFE, may be written as well.</source>
   <translation>내려받은 그대로: zip 또는 tar 파일, 또는 폴더 안의 메타데이터입니다: Sentinel-2의 MTD_*.xml, Landsat의 *_MTL.txt. .SAFE로 끝나는 폴더처럼 폴더의 경로를 직접 써도 됩니다.</translation>
  </message>
  <message>
   <source>In the model's order, such as 4,3,2; only where the names of the bands do not tell.</source>
   <translation>모델의 순서대로, 예: 4,3,2. 밴드 이름만으로 알 수 없을 때만 씁니다.</translation>
  </message>
  <message>
   <source>Scale</source>
   <translation>스케일</translation>
  </message>
  <message>
   <source>value = number * scale + offset; only where the scene does not say so itself.</source>
   <translation>값 = 수 * 스케일 + 오프셋. 장면 자체에 적혀 있지 않을 때만 씁니다.</translation>
  </message>
  <message>
   <source>Offset</source>
   <translation>오프셋</translation>
  </message>
  <message>
   <source>Metres, or model, or native for the scene's own. Empty: the scene's own where the model knows such pixels (of this size, square, with north up), else the model's.</source>
   <translation>미터, 또는 model, 또는 장면 자체의 크기인 native. 비워 두면 모델이 아는 픽셀(크기가 맞고 정사각형이며 북쪽이 위)일 때 장면 자체의 크기, 아니면 모델의 크기입니다.</translation>
  </message>
  <message>
   <source>A projected one. Empty: the scene's own, or a UTM zone where that is in degrees.</source>
   <translation>투영 좌표계. 비워 두면 장면 자체의 좌표계, 도 단위이면 UTM 구역입니다.</translation>
  </message>
  <message>
   <source>the first in the list</source>
   <translation>목록의 첫째</translation>
  </message>
  <message>
   <source>the newest</source>
   <translation>가장 새것</translation>
  </message>
  <message>
   <source>the least cloudy</source>
   <translation>구름이 가장 적은 것</translation>
  </message>
  <message>
   <source>Empty: the layers hold the bands of one scene.</source>
   <translation>비워 두면 레이어들에 한 장면의 밴드가 들어 있습니다.</translation>
  </message>
  <message>
   <source>Its name, or its tile such as 33TUL; only for Sentinel-2 products of several granules, from before December 2016.</source>
   <translation>이름, 또는 33TUL 같은 타일. 그래뉼이 여러 개인 2016년 12월 이전의 Sentinel-2 제품에만 씁니다.</translation>
  </message>
  <message>
   <source>Give the layers of a scene or a satellite product, not both.</source>
   <translation>장면의 레이어와 위성 제품 중 하나만 지정하십시오.</translation>
  </message>
  <message>
   <source>Pick the layer of a scene, or name a satellite product.</source>
   <translation>장면의 레이어를 고르거나 위성 제품을 지정하십시오.</translation>
  </message>
  <message>
   <source>Selected features count alone where that is ticked; unsaved edits count as well.</source>
   <translation>체크하면 선택한 객체만 씁니다. 저장하지 않은 편집도 포함됩니다.</translation>
  </message>
  <message>
   <source>Such as the canvas shows.</source>
   <translation>예: 캔버스에 보이는 범위.</translation>
  </message>
  <message>
   <source>Give a polygon layer or a rectangle as the area, not both.</source>
   <translation>영역으로 폴리곤 레이어나 직사각형 중 하나만 주십시오.</translation>
  </message>
  <message>
   <source>Smallest area of a polygon, in m²</source>
   <translation>폴리곤의 최소 면적 (m²)</translation>
  </message>
  <message>
   <source>Smaller ones are merged into their largest neighbour. Square metres whatever the CRS is.</source>
   <translation>이보다 작은 것은 가장 큰 이웃에 합쳐집니다. 좌표계와 관계없이 제곱미터입니다.</translation>
  </message>
  <message>
   <source>Simplify the borders, in metres</source>
   <translation>경계 단순화 (미터)</translation>
  </message>
  <message>
   <source>All at once, so that neighbours keep touching: vertices go whose triangle is below this length squared.</source>
   <translation>이웃이 계속 맞닿도록 모든 경계를 한꺼번에: 삼각형 넓이가 이 길이의 제곱보다 작은 꼭짓점을 없앱니다.</translation>
  </message>
  <message>
   <source>Round the corners, in rounds</source>
   <translation>모서리 둥글리기 (횟수)</translation>
  </message>
  <message>
   <source>Chaikin's corner cutting, all borders at once.</source>
   <translation>Chaikin의 모서리 깎기를 모든 경계에 한꺼번에.</translation>
  </message>
  <message>
   <source>Majority filter first, in pixels</source>
   <translation>먼저 다수결 필터 (픽셀)</translation>
  </message>
  <message>
   <source>Each pixel gets the class most frequent in a square of so many pixels around it; odd, 1 for none.</source>
   <translation>픽셀마다 둘레 정사각형에서 가장 많은 클래스를 줍니다. 홀수이며, 1은 쓰지 않음.</translation>
  </message>
  <message>
   <source>Fill holes below this area, in m²</source>
   <translation>이 면적보다 작은 구멍 메우기 (m²)</translation>
  </message>
  <message>
   <source>Regions that lie wholly within one other region get its class.</source>
   <translation>다른 한 영역 안에 완전히 든 영역은 그 클래스가 됩니다.</translation>
  </message>
  <message>
   <source>The majority filter needs an odd number of pixels, such as 3 or 5.</source>
   <translation>다수결 필터에는 3이나 5처럼 홀수인 픽셀 수가 필요합니다.</translation>
  </message>
  <message>
   <source>auto takes an NVIDIA GPU where there is one; cpu, cuda or cuda:1 name one.</source>
   <translation>auto는 NVIDIA GPU가 있으면 그것을 씁니다. cpu, cuda, cuda:1로 지정할 수 있습니다.</translation>
  </message>
  <message>
   <source>Scene</source>
   <translation>장면</translation>
  </message>
  <message>
   <source>Layers with more of its bands</source>
   <translation>나머지 밴드의 레이어</translation>
  </message>
  <message>
   <source>Numbers of the bands</source>
   <translation>밴드 번호</translation>
  </message>
  <message>
   <source>Pixel size of the map</source>
   <translation>지도의 픽셀 크기</translation>
  </message>
  <message>
   <source>CRS of the map</source>
   <translation>지도의 좌표계</translation>
  </message>
  <message>
   <source>The layers are neighbours; where they overlap, take</source>
   <translation>레이어들이 이웃한 장면일 때, 겹치는 곳에서 쓸 것</translation>
  </message>
  <message>
   <source>Granule of the product</source>
   <translation>제품의 그래뉼</translation>
  </message>
  <message>
   <source>Only in this layer's polygons</source>
   <translation>이 레이어의 폴리곤 안만</translation>
  </message>
  <message>
   <source>Only in this rectangle</source>
   <translation>이 직사각형 안만</translation>
  </message>
  <message>
   <source>More command-line options</source>
   <translation>명령줄의 추가 옵션</translation>
  </message>
  <message>
   <source>A quotation mark is missing in the options of the command line.</source>
   <translation>명령줄 옵션에 따옴표가 빠져 있습니다.</translation>
  </message>
  <message>
   <source>Each class is a layer of its own in the file; QGIS opens the first of them here, and all of them where you drag the file from the browser.</source>
   <translation>파일에는 클래스마다 레이어가 하나씩 있습니다. 여기서는 첫째 레이어만 열리며, 탐색기에서 파일을 끌어 놓으면 모두 열립니다.</translation>
  </message>
  <message>
   <source>Device</source>
   <translation>장치</translation>
  </message>
  <message>
   <source>“{name}” is no device: use auto, cpu, cuda or cuda:1.</source>
   <translation>“{name}”은(는) 장치가 아닙니다: auto, cpu, cuda 또는 cuda:1을 쓰십시오.</translation>
  </message>
  <message>
   <source>“{bands}” are no band numbers: write them as 4,3,2, counted from 1.</source>
   <translation>“{bands}”은(는) 밴드 번호가 아닙니다: 1부터 세어 4,3,2처럼 쓰십시오.</translation>
  </message>
  <message>
   <source>What has no field here, such as {example}; `geoseg {command} --help` lists all.</source>
   <translation>여기에 칸이 없는 옵션, 예: {example}. 전체 목록은 `geoseg {command} --help`에 있습니다.</translation>
  </message>
  <message>
   <source>“{word}” is no option: options begin with --, such as --zonal B04,B08.</source>
   <translation>“{word}”은(는) 옵션이 아닙니다: 옵션은 --zonal B04,B08처럼 --로 시작합니다.</translation>
  </message>
  <message>
   <source>{option} is given by the fields above; leave it out.</source>
   <translation>{option}은(는) 위의 칸에서 정해집니다. 빼십시오.</translation>
  </message>
  <message>
   <source>{path} does not exist.</source>
   <translation>{path}이(가) 없습니다.</translation>
  </message>
  <message>
   <source>“{layer}” is used as it is shown, with its unsaved edits.</source>
   <translation>“{layer}”을(를) 보이는 그대로, 저장하지 않은 편집과 함께 씁니다.</translation>
  </message>
  <message>
   <source>Set up the engine</source>
   <translation>엔진 설치</translation>
  </message>
  <message>
   <source>Makes the Python environment in which geoseg works, apart from QGIS's own.</source>
   <translation>geoseg가 일하는 Python 환경을 QGIS의 것과 따로 만듭니다.</translation>
  </message>
  <message>
   <source>Makes the environment that geoseg works in: a folder of its own in your data folder, apart from QGIS's Python, with geoseg and what it needs (about 1.5 GB; 6 GB with CUDA). Run it once; then everything else works.

It runs a few commands, and shows each. QGIS's proxy is used. Without a network, name a folder that holds the wheels of geoseg and all it needs. To use an environment that you made yourself, name its Python in Settings &gt; Options &gt; Processing &gt; Providers &gt; geoseg.

If it fails, the log holds all that a report of the problem needs.</source>
   <translation>geoseg가 일하는 환경을 만듭니다: QGIS의 Python과 떨어진, 데이터 폴더 안의 전용 폴더에 geoseg와 필요한 것을 넣습니다(약 1.5 GB, CUDA는 6 GB). 한 번만 실행하면 나머지가 모두 작동합니다.

몇 개의 명령을 실행하며, 하나하나 보여 줍니다. QGIS의 프록시를 씁니다. 네트워크가 없으면 geoseg와 필요한 모든 휠이 든 폴더를 지정하십시오. 직접 만든 환경을 쓰려면 설정 &gt; 옵션 &gt; 공간 처리 &gt; 제공자 &gt; geoseg에서 그 Python을 지정하십시오.

실패하면 문제 보고에 필요한 모든 것이 로그에 있습니다.</translation>
  </message>
  <message>
   <source>NVIDIA GPU where there is one</source>
   <translation>NVIDIA GPU가 있으면 GPU</translation>
  </message>
  <message>
   <source>the processor</source>
   <translation>프로세서</translation>
  </message>
  <message>
   <source>NVIDIA GPU</source>
   <translation>NVIDIA GPU</translation>
  </message>
  <message>
   <source>Decides which build of torch is installed: for a GPU it is about 5 GB larger.</source>
   <translation>설치할 torch 빌드를 정합니다: GPU용은 약 5 GB 더 큽니다.</translation>
  </message>
  <message>
   <source>The address of an index of your own, or several with spaces between. Empty: that of the plugin's settings, else the public one.</source>
   <translation>직접 쓰는 인덱스의 주소. 여럿이면 사이를 띄웁니다. 비워 두면 플러그인 설정의 것, 없으면 공개 인덱스를 씁니다.</translation>
  </message>
  <message>
   <source>All files</source>
   <translation>모든 파일</translation>
  </message>
  <message>
   <source>3.11 or newer. Empty: uv where it is installed, else the newest that is found.</source>
   <translation>3.11 이상. 비우면 설치된 uv, 없으면 찾은 것 가운데 가장 새것.</translation>
  </message>
  <message>
   <source>install,environment,torch,cuda,gpu,offline,proxy</source>
   <translation>설치,환경,torch,cuda,gpu,오프라인,프록시</translation>
  </message>
  <message>
   <source>Compute on</source>
   <translation>계산 장치</translation>
  </message>
  <message>
   <source>Make it anew</source>
   <translation>새로 만들기</translation>
  </message>
  <message>
   <source>Folder of wheels</source>
   <translation>휠 폴더</translation>
  </message>
  <message>
   <source>Package index</source>
   <translation>패키지 인덱스</translation>
  </message>
  <message>
   <source>Python to make it with</source>
   <translation>만드는 데 쓸 Python</translation>
  </message>
  <message>
   <source>Without a network: nothing is fetched, everything comes from here. To fill it on a computer with the same system and Python: {command}</source>
   <translation>네트워크 없이: 아무것도 내려받지 않고 모두 여기서 가져옵니다. 운영 체제와 Python이 같은 컴퓨터에서 폴더를 채우는 명령: {command}</translation>
  </message>
  <message>
   <source>What was half made is removed. To report this, copy the whole log.</source>
   <translation>만들다 만 것은 지웠습니다. 보고하려면 로그 전체를 복사하십시오.</translation>
  </message>
  <message>
   <source>The engine is ready: {folder}</source>
   <translation>엔진이 준비되었습니다: {folder}</translation>
  </message>
  <message>
   <source>Proxy of QGIS: {proxy}</source>
   <translation>QGIS의 프록시: {proxy}</translation>
  </message>
  <message>
   <source>This step failed: {title}</source>
   <translation>이 단계가 실패했습니다: {title}</translation>
  </message>
  <message>
   <source>It is there already: {folder}</source>
   <translation>이미 있습니다: {folder}</translation>
  </message>
  <message>
   <source>Train a model</source>
   <translation>모델 훈련</translation>
  </message>
  <message>
   <source>Trains a model of your own on scenes and a layer of labels.</source>
   <translation>장면과 레이블 레이어로 직접 모델을 훈련합니다.</translation>
  </message>
  <message>
   <source>Trains a model on scenes and their labels: a polygon layer with a column for the class, or a class raster. Where nothing is labelled, nothing is learned. The scenes need the same bands.

Classes are written as name=value, with a colour where you like, and with what the labels call them where that is not the value: water=1:#419bdf:river|lake, trees=2:#397d49:forest.

Starting from a model that exists needs far fewer labels, and fewer steps. Without a GPU a training takes hours; the folder keeps a checkpoint, and its report.html shows how it went. Use the model by its folder in “Predict land cover”.</source>
   <translation>장면과 그 레이블(클래스 열이 있는 폴리곤 레이어 또는 클래스 래스터)로 모델을 훈련합니다. 레이블이 없는 곳에서는 배우지 않습니다. 장면들은 같은 밴드여야 합니다.

클래스는 이름=값으로 쓰고, 원하면 색을, 레이블에서 값과 다르게 부르면 그 이름을 덧붙입니다: water=1:#419bdf:river|lake, trees=2:#397d49:forest.

있는 모델에서 시작하면 레이블과 단계가 훨씬 적어도 됩니다. GPU가 없으면 몇 시간이 걸립니다. 폴더에는 체크포인트가 남고, report.html은 어떻게 진행되었는지 보여 줍니다. 모델은 “토지 피복 예측”에서 폴더로 쓰십시오.</translation>
  </message>
  <message>
   <source>One layer for all scenes.</source>
   <translation>모든 장면에 레이어 하나.</translation>
  </message>
  <message>
   <source>name=value:#colour:label|label, separated by commas; colour and labels may be left out.</source>
   <translation>이름=값:#색:레이블|레이블을 쉼표로 나누어. 색과 레이블은 생략할 수 있습니다.</translation>
  </message>
  <message>
   <source>Start from this model</source>
   <translation>이 모델에서 시작</translation>
  </message>
  <message>
   <source>Its other classes and bands are fitted in. Empty: from the encoder's own weights.</source>
   <translation>다른 클래스와 밴드는 맞추어 넣습니다. 비우면 인코더 자체의 가중치에서 시작합니다.</translation>
  </message>
  <message>
   <source>More is slower and better, up to a point.</source>
   <translation>많을수록 느리고 어느 정도까지 더 좋습니다.</translation>
  </message>
  <message>
   <source>Of the labelled places; the scores are measured there. 0 for labels too few to hold any out.</source>
   <translation>레이블이 있는 장소 가운데서. 점수는 거기서 잽니다. 레이블이 적어 남겨 둘 수 없으면 0.</translation>
  </message>
  <message>
   <source>Such as 1,2,3. Empty: all.</source>
   <translation>예: 1,2,3. 비우면 모두.</translation>
  </message>
  <message>
   <source>Write two classes or more, such as water=1:#419bdf:lake, trees=2.</source>
   <translation>클래스를 둘 이상 쓰십시오. 예: water=1:#419bdf:lake, trees=2.</translation>
  </message>
  <message>
   <source>Choose the column of the labels that holds the class.</source>
   <translation>클래스가 든 레이블의 열을 고르십시오.</translation>
  </message>
  <message>
   <source>training,fine-tuning,deep learning,labels,classes,model</source>
   <translation>훈련,미세 조정,딥러닝,레이블,클래스,모델</translation>
  </message>
  <message>
   <source>Scenes</source>
   <translation>장면들</translation>
  </message>
  <message>
   <source>Labels (polygons or class raster)</source>
   <translation>레이블 (폴리곤 또는 클래스 래스터)</translation>
  </message>
  <message>
   <source>Column with the class</source>
   <translation>클래스가 든 열</translation>
  </message>
  <message>
   <source>Classes</source>
   <translation>클래스</translation>
  </message>
  <message>
   <source>Steps</source>
   <translation>단계</translation>
  </message>
  <message>
   <source>Share held out to validate</source>
   <translation>검증에 남겨 둘 비율</translation>
  </message>
  <message>
   <source>Name of the model</source>
   <translation>모델의 이름</translation>
  </message>
  <message>
   <source>Scenes' band numbers</source>
   <translation>장면의 밴드 번호</translation>
  </message>
  <message>
   <source>Side of the crops, in pixels</source>
   <translation>잘라 낸 조각의 변 (픽셀)</translation>
  </message>
  <message>
   <source>Crops in one step</source>
   <translation>한 단계의 조각 수</translation>
  </message>
  <message>
   <source>Folder of the model</source>
   <translation>모델의 폴더</translation>
  </message>
  <message>
   <source>Report</source>
   <translation>보고서</translation>
  </message>
  <message>
   <source>Vectorize classes</source>
   <translation>클래스 벡터화</translation>
  </message>
  <message>
   <source>Traces the regions of a class raster as polygons without seams or gaps.</source>
   <translation>클래스 래스터의 영역을 이음매나 틈 없는 폴리곤으로 그립니다.</translation>
  </message>
  <message>
   <source>Traces the regions of a class raster, geoseg's or any other of whole numbers, as polygons: exact, valid, and without seams or gaps, also after simplification. Names and colours of the classes are the raster's.

The polygons carry class, area and perimeter on the ellipsoid and, with a confidence raster, its mean.</source>
   <translation>geoseg의 것이든 다른 정수 래스터든, 클래스 래스터의 영역을 폴리곤으로 추적합니다. 정확하고 유효하며, 단순화한 뒤에도 이음매나 틈이 없습니다. 클래스의 이름과 색은 래스터의 것입니다.

폴리곤에는 클래스, 타원체 위의 넓이와 둘레가 있고, 신뢰도 래스터를 주면 그 평균도 있습니다.</translation>
  </message>
  <message>
   <source>Whole numbers; what the file says is no data is left out.</source>
   <translation>정수. 파일이 자료 없음이라고 하는 것은 뺍니다.</translation>
  </message>
  <message>
   <source>In percent, on the same pixels: gives each polygon its mean and its least confidence.</source>
   <translation>퍼센트, 같은 픽셀에서: 폴리곤마다 평균과 최소 신뢰도를 줍니다.</translation>
  </message>
  <message>
   <source>Their values, such as 0,1,6. Empty: all.</source>
   <translation>값, 예: 0,1,6. 비우면 모두.</translation>
  </message>
  <message>
   <source>polygonize,raster to vector,land cover,classes,simplify,sieve</source>
   <translation>폴리곤화,래스터를 벡터로,토지 피복,클래스,단순화,체</translation>
  </message>
  <message>
   <source>Only these classes</source>
   <translation>이 클래스만</translation>
  </message>
  <message>
   <source>Polygons</source>
   <translation>폴리곤</translation>
  </message>
  <message>
   <source>Polygons of {classes}</source>
   <translation>{classes}의 폴리곤</translation>
  </message>
  <message>
   <source>“{only}” are no classes: write their values as 0,1,6.</source>
   <translation>“{only}”은(는) 클래스가 아닙니다: 값을 0,1,6처럼 쓰십시오.</translation>
  </message>
  <message>
   <source>The layer with the area of interest has no features with a geometry.</source>
   <translation>관심 영역 레이어에 도형이 있는 객체가 없습니다.</translation>
  </message>
  <message>
   <source>Add class</source>
   <translation>클래스 추가</translation>
  </message>
  <message>
   <source>Colour…</source>
   <translation>색…</translation>
  </message>
  <message>
   <source>The colour of {name}</source>
   <translation>{name}의 색</translation>
  </message>
  <message>
   <source>Scene and workspace</source>
   <translation>영상과 작업 공간</translation>
  </message>
  <message>
   <source>New…</source>
   <translation>새로 만들기…</translation>
  </message>
  <message>
   <source>A workspace for the scene that is chosen</source>
   <translation>선택한 영상의 작업 공간</translation>
  </message>
  <message>
   <source>Open…</source>
   <translation>열기…</translation>
  </message>
  <message>
   <source>The folder of a workspace</source>
   <translation>작업 공간의 폴더</translation>
  </message>
  <message>
   <source>Label</source>
   <translation>라벨</translation>
  </message>
  <message>
   <source>Draw</source>
   <translation>그리기</translation>
  </message>
  <message>
   <source>Polygons, with QGIS's own tool</source>
   <translation>QGIS의 도구로 폴리곤을 그립니다</translation>
  </message>
  <message>
   <source>Brush</source>
   <translation>브러시</translation>
  </message>
  <message>
   <source>Paint, as wide as the brush</source>
   <translation>브러시 너비로 칠합니다</translation>
  </message>
  <message>
   <source>Segment</source>
   <translation>세그먼트</translation>
  </message>
  <message>
   <source>Click: the segment of like pixels there gets the class</source>
   <translation>클릭하면 그곳의 비슷한 픽셀로 된 세그먼트에 클래스가 붙습니다</translation>
  </message>
  <message>
   <source>Accept</source>
   <translation>승인</translation>
  </message>
  <message>
   <source>Click on a patch of the map: left, it is right; right, it is the class that is chosen. All of it in this view is taken; with Shift, what of it lies in the segment there</source>
   <translation>지도의 한 조각을 클릭하십시오: 왼쪽 버튼은 맞음, 오른쪽 버튼은 선택한 클래스입니다. 지금 보이는 범위에 있는 전부가 받아들여지며, Shift를 누르면 그곳의 세그먼트 안에 있는 부분만 받아들여집니다</translation>
  </message>
  <message>
   <source>brush </source>
   <translation>브러시 </translation>
  </message>
  <message>
   <source>Width of the brush on the screen</source>
   <translation>화면에서의 브러시 너비</translation>
  </message>
  <message>
   <source>segment </source>
   <translation>세그먼트 </translation>
  </message>
  <message>
   <source>Width of a segment in pixels of the scene</source>
   <translation>영상 픽셀로 나타낸 세그먼트 너비</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>실행 취소</translation>
  </message>
  <message>
   <source>Take back the last label, also one that was saved</source>
   <translation>저장된 것까지 포함하여 마지막 라벨을 취소합니다</translation>
  </message>
  <message>
   <source>Save</source>
   <translation>저장</translation>
  </message>
  <message>
   <source>Write the labels into the workspace</source>
   <translation>라벨을 작업 공간에 씁니다</translation>
  </message>
  <message>
   <source>Learn</source>
   <translation>학습</translation>
  </message>
  <message>
   <source>Learn from the labels, and go on while they change</source>
   <translation>라벨로 학습하고, 라벨이 바뀌면 계속합니다</translation>
  </message>
  <message>
   <source>nothing learned yet</source>
   <translation>아직 학습한 것이 없음</translation>
  </message>
  <message>
   <source>Map of what is visible</source>
   <translation>보이는 범위의 지도</translation>
  </message>
  <message>
   <source>Any model: a name, or the folder of one</source>
   <translation>모든 모델: 이름 또는 모델의 폴더</translation>
  </message>
  <message>
   <source>the workspace's own</source>
   <translation>작업 공간의 모델</translation>
  </message>
  <message>
   <source>Map the view</source>
   <translation>보이는 범위 매핑</translation>
  </message>
  <message>
   <source>Map what is visible, and follow the view</source>
   <translation>보이는 범위를 매핑하고 화면을 따라갑니다</translation>
  </message>
  <message>
   <source>How much of the map is seen</source>
   <translation>지도가 보이는 정도</translation>
  </message>
  <message>
   <source>Fainter where the model is less sure</source>
   <translation>모델이 덜 확신하는 곳은 흐리게</translation>
  </message>
  <message>
   <source>Where to label next</source>
   <translation>다음에 라벨을 붙일 곳</translation>
  </message>
  <message>
   <source>no suggestions yet</source>
   <translation>아직 제안이 없음</translation>
  </message>
  <message>
   <source>The suggestion before</source>
   <translation>이전 제안</translation>
  </message>
  <message>
   <source>Next</source>
   <translation>다음</translation>
  </message>
  <message>
   <source>Go to the next suggestion</source>
   <translation>다음 제안으로 갑니다</translation>
  </message>
  <message>
   <source>It is what the model thinks</source>
   <translation>모델의 판단이 맞습니다</translation>
  </message>
  <message>
   <source>Reject</source>
   <translation>거부</translation>
  </message>
  <message>
   <source>It is the class that is chosen</source>
   <translation>선택한 클래스입니다</translation>
  </message>
  <message>
   <source>Map everything</source>
   <translation>전체 매핑</translation>
  </message>
  <message>
   <source>Whole scene…</source>
   <translation>영상 전체…</translation>
  </message>
  <message>
   <source>Predict, with this model</source>
   <translation>이 모델로 예측합니다</translation>
  </message>
  <message>
   <source>Selected polygons…</source>
   <translation>선택한 폴리곤…</translation>
  </message>
  <message>
   <source>Only in the selected features of the active layer</source>
   <translation>활성 레이어에서 선택한 피처 안에서만</translation>
  </message>
  <message>
   <source>Copy command</source>
   <translation>명령 복사</translation>
  </message>
  <message>
   <source>The command for a cluster goes to the clipboard</source>
   <translation>클러스터용 명령을 클립보드에 복사합니다</translation>
  </message>
  <message>
   <source>Opacity</source>
   <translation>불투명도</translation>
  </message>
  <message>
   <source>Labels of {name}</source>
   <translation>{name}의 라벨</translation>
  </message>
  <message>
   <source>label {name}</source>
   <translation>{name} 라벨</translation>
  </message>
  <message>
   <source>undo a label that was saved</source>
   <translation>저장된 라벨 취소</translation>
  </message>
  <message>
   <source>rename {old} to {new}</source>
   <translation>{old}의 이름을 {new}(으)로 변경</translation>
  </message>
  <message>
   <source>{path} cannot be opened.</source>
   <translation>{path}을(를) 열 수 없습니다.</translation>
  </message>
  <message>
   <source>learning…</source>
   <translation>학습 중…</translation>
  </message>
  <message>
   <source>round {round}, {labels} labels: mean IoU {score}</source>
   <translation>{round}회차, 라벨 {labels}개: 평균 IoU {score}</translation>
  </message>
  <message>
   <source>round {round}, {labels} labels; too few to be scored</source>
   <translation>{round}회차, 라벨 {labels}개. 점수를 매기기에는 너무 적음</translation>
  </message>
  <message>
   <source>weakest: {name}</source>
   <translation>가장 약한 클래스: {name}</translation>
  </message>
  <message>
   <source>waiting for other labels</source>
   <translation>다른 라벨을 기다리는 중</translation>
  </message>
  <message>
   <source>The engine's worker has ended.</source>
   <translation>엔진의 작업 프로세스가 끝났습니다.</translation>
  </message>
  <message>
   <source>A new workspace</source>
   <translation>새 작업 공간</translation>
  </message>
  <message>
   <source>A new folder</source>
   <translation>새 폴더</translation>
  </message>
  <message>
   <source>water, trees, grass, built</source>
   <translation>물, 나무, 풀, 건물</translation>
  </message>
  <message>
   <source>the one that fits the scene</source>
   <translation>영상에 맞는 모델</translation>
  </message>
  <message>
   <source>Folder</source>
   <translation>폴더</translation>
  </message>
  <message>
   <source>Classes, parted by commas</source>
   <translation>클래스(쉼표로 구분)</translation>
  </message>
  <message>
   <source>Model to start from</source>
   <translation>시작할 모델</translation>
  </message>
  <message>
   <source>Name a new folder for the workspace.</source>
   <translation>작업 공간의 새 폴더를 지정하세요.</translation>
  </message>
  <message>
   <source>geoseg Label</source>
   <translation>geoseg 라벨</translation>
  </message>
  <message>
   <source>making the workspace…</source>
   <translation>작업 공간을 만드는 중…</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>이름</translation>
  </message>
  <message>
   <source>The command is on the clipboard.</source>
   <translation>명령이 클립보드에 있습니다.</translation>
  </message>
  <message>
   <source>The label could not be added.</source>
   <translation>라벨을 추가할 수 없습니다.</translation>
  </message>
  <message>
   <source>There is no map to judge yet: learn first, or choose a model.</source>
   <translation>아직 판단할 지도가 없습니다. 먼저 학습하거나 모델을 선택하세요.</translation>
  </message>
  <message>
   <source>There is nothing to undo.</source>
   <translation>취소할 것이 없습니다.</translation>
  </message>
  <message>
   <source>no model yet: learn first, or choose one</source>
   <translation>아직 모델이 없습니다. 먼저 학습하거나 하나를 선택하세요</translation>
  </message>
  <message>
   <source>mapping…</source>
   <translation>매핑 중…</translation>
  </message>
  <message>
   <source>{model}, {seconds} s</source>
   <translation>{model}, {seconds}초</translation>
  </message>
  <message>
   <source>Select polygons of a layer first, and make it the active one.</source>
   <translation>먼저 레이어의 폴리곤을 선택하고 그 레이어를 활성화하세요.</translation>
  </message>
  <message>
   <source>The engine is not there: set it up first.</source>
   <translation>엔진이 없습니다. 먼저 설치하세요.</translation>
  </message>
  <message>
   <source>{number} of {count}: {name}?</source>
   <translation>{count}개 중 {number}번째: {name}?</translation>
  </message>
  <message>
   <source>{name}: {area} ha, of this view alone. Undo takes it back.</source>
   <translation>{name}: {area} ha, 지금 보이는 범위만 해당합니다. 실행 취소로 되돌릴 수 있습니다.</translation>
  </message>
  <message>
   <source>The workspace has no class “{name}”: add it first.</source>
   <translation>작업 공간에 “{name}” 클래스가 없습니다. 먼저 추가하세요.</translation>
  </message>
  <message>
   <source>in pixels of {size} m: zoom in for the true map</source>
   <translation>{size} m 픽셀: 실제 지도를 보려면 확대하세요</translation>
  </message>
  <message>
   <source>Choose the class that it is: the model thinks {name}.</source>
   <translation>맞는 클래스를 선택하세요. 모델은 {name}(으)로 봅니다.</translation>
  </message>
  <message>
   <source>{count} places</source>
   <translation>{count}곳</translation>
  </message>
  <message>
   <source>The engine's worker was ended from outside, or crashed.</source>
   <translation>엔진의 작업 프로세스가 외부에서 종료되었거나 비정상 종료되었습니다.</translation>
  </message>
  <message>
   <source>A workspace has at most 254 classes.</source>
   <translation>작업 공간의 클래스는 최대 254개입니다.</translation>
  </message>
  <message>
   <source>A class needs a name.</source>
   <translation>클래스에는 이름이 필요합니다.</translation>
  </message>
  <message>
   <source>Name two classes or more, parted by commas.</source>
   <translation>쉼표로 구분하여 클래스를 둘 이상 입력하세요.</translation>
  </message>
  <message>
   <source>There is a class “{name}” already.</source>
   <translation>“{name}” 클래스가 이미 있습니다.</translation>
  </message>
  <message>
   <source>{folder} is no workspace: it has no {file} that can be read.</source>
   <translation>{folder}은(는) 작업 공간이 아닙니다. 읽을 수 있는 {file}이(가) 없습니다.</translation>
  </message>
  <message>
   <source>{file} in {folder} is damaged, or of a newer geoseg.</source>
   <translation>{folder}의 {file}이(가) 손상되었거나 더 새로운 geoseg의 것입니다.</translation>
  </message>
  <message>
   <source>The geoseg engine is not set up yet: run “Set up the engine” in the Processing Toolbox.</source>
   <translation>geoseg 엔진이 아직 설치되지 않았습니다: 공간 처리 툴박스에서 “엔진 설치”를 실행하십시오.</translation>
  </message>
  <message>
   <source>the plugin's setting</source>
   <translation>플러그인 설정</translation>
  </message>
  <message>
   <source>set up by the plugin</source>
   <translation>플러그인이 설치함</translation>
  </message>
  <message>
   <source>The engine is geoseg {found}, and this plugin needs {wanted}: run “Set up the engine” again, or update the plugin.</source>
   <translation>엔진은 geoseg {found}이고 이 플러그인에는 {wanted}이(가) 필요합니다: “엔진 설치”를 다시 실행하거나 플러그인을 업데이트하십시오.</translation>
  </message>
  <message>
   <source>The geoseg engine is being set up, {percent} %: wait until it is ready.</source>
   <translation>geoseg 엔진을 설치하고 있습니다({percent} %). 준비될 때까지 기다리세요.</translation>
  </message>
  <message>
   <source>There is no Python at {place}, which {origin} names.</source>
   <translation>{origin}에서 지정한 {place}에 Python이 없습니다.</translation>
  </message>
  <message>
   <source>The Python at {python} ({origin}) does not run geoseg: {error}</source>
   <translation>{python} ({origin})의 Python은 geoseg를 실행하지 못합니다: {error}</translation>
  </message>
  <message>
   <source>{python} cannot be run: {error}</source>
   <translation>{python}을(를) 실행할 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>Fields</source>
   <translation>입력란</translation>
  </message>
  <message>
   <source>Install geoseg; all that it needs is there</source>
   <translation>geoseg 설치(필요한 것은 이미 모두 있음)</translation>
  </message>
  <message>
   <source>Make an environment of its own</source>
   <translation>전용 환경 만들기</translation>
  </message>
  <message>
   <source>Install geoseg and what it needs</source>
   <translation>geoseg와 필요한 것 설치</translation>
  </message>
  <message>
   <source>The build of torch is the one that {source} gives: on Linux mostly the one for CUDA (about 6 GB). For the small one choose the processor.</source>
   <translation>torch 빌드는 {source}에 있는 것을 씁니다. 리눅스에서는 대개 CUDA용(약 6 GB)입니다. 작은 것을 원하면 프로세서를 고르세요.</translation>
  </message>
  <message>
   <source>Check it</source>
   <translation>점검하기</translation>
  </message>
  <message>
   <source>Torch for the processor, because this computer has no NVIDIA driver (about 200 MB).</source>
   <translation>프로세서용 torch: 이 컴퓨터에는 NVIDIA 드라이버가 없습니다(약 200 MB).</translation>
  </message>
  <message>
   <source>Torch for the processor, as asked: {source} must have it (a version that ends in +cpu; a second index may follow after a space).</source>
   <translation>요청대로 프로세서용 torch입니다. {source}에 있어야 합니다(버전이 +cpu로 끝남. 띄어 쓰고 두 번째 인덱스를 적을 수 있음).</translation>
  </message>
  <message>
   <source>The disk is full: make room, and repeat.</source>
   <translation>디스크가 가득 찼습니다: 공간을 비우고 되풀이하십시오.</translation>
  </message>
  <message>
   <source>pip cannot use a SOCKS proxy: install uv, which can (docs.astral.sh/uv), start QGIS again, and repeat.</source>
   <translation>pip은 SOCKS 프록시를 쓸 수 없습니다. SOCKS 프록시를 쓸 수 있는 uv를 설치하고(docs.astral.sh/uv) QGIS를 다시 시작한 뒤 되풀이하십시오.</translation>
  </message>
  <message>
   <source>The package index could not be reached: look at the network, at QGIS's proxy (Settings &gt; Options &gt; Network) and at the address of the index; or take a folder of wheels.</source>
   <translation>패키지 인덱스에 연결할 수 없습니다: 네트워크, QGIS의 프록시(설정 &gt; 옵션 &gt; 네트워크), 인덱스 주소를 확인하거나 wheel 폴더를 사용하십시오.</translation>
  </message>
  <message>
   <source>Something that geoseg needs is not there for this Python and system: fill the folder of wheels again, with the command in the help, or look whether the index has it.</source>
   <translation>geoseg에 필요한 것이 이 Python과 운영 체제용으로 없습니다: 도움말의 명령으로 wheel 폴더를 다시 채우거나, 인덱스에 있는지 확인하십시오.</translation>
  </message>
  <message>
   <source>What the package index gave is not what this plugin was tested with, and was not installed: repeat, and ask who runs the network or the index if it stays so.</source>
   <translation>패키지 인덱스가 준 것이 이 플러그인이 시험된 것과 달라 설치하지 않았습니다. 다시 해 보고, 그래도 같으면 네트워크나 인덱스의 관리자에게 물어보세요.</translation>
  </message>
  <message>
   <source>On macOS there is one build of torch.</source>
   <translation>macOS에서는 torch의 빌드가 하나입니다.</translation>
  </message>
  <message>
   <source>Torch for the processor, as asked.</source>
   <translation>요청한 대로 프로세서용 torch.</translation>
  </message>
  <message>
   <source>Torch for CUDA, as asked, in the version that fits the driver.</source>
   <translation>요청한 대로 CUDA용 torch, 드라이버에 맞는 버전으로.</translation>
  </message>
  <message>
   <source>Torch for CUDA, because this computer has an NVIDIA driver (about 3 GB).</source>
   <translation>CUDA용 torch: 이 컴퓨터에는 NVIDIA 드라이버가 있습니다(약 3 GB).</translation>
  </message>
  <message>
   <source>Made with the Python {python}</source>
   <translation>Python {python}(으)로 만듦</translation>
  </message>
  <message>
   <source>Install uv, which finds the right build of torch</source>
   <translation>torch의 알맞은 빌드를 찾는 uv 설치</translation>
  </message>
  <message>
   <source>This copy of the plugin came without the engine, and a public package index is not asked for it: its name there may be anybody's. Install the plugin from the zip that has the engine in it, or name a folder of wheels or an index of your own that has geoseg {version}.</source>
   <translation>이 플러그인에는 엔진이 들어 있지 않으며, 공개 패키지 인덱스에는 묻지 않습니다. 거기서는 그 이름이 누구의 것인지 알 수 없기 때문입니다. 엔진이 든 zip으로 플러그인을 설치하거나, geoseg {version}이 있는 휠 폴더 또는 직접 쓰는 인덱스를 지정하세요.</translation>
  </message>
  <message>
   <source>Neither uv nor a Python of {least} or newer with the modules venv and ensurepip was found; looked at {places}. Install uv (docs.astral.sh/uv) or Python (python.org; on Debian and Ubuntu: apt install python3-venv), start QGIS again, and repeat.</source>
   <translation>uv도, venv와 ensurepip 모듈이 있는 {least} 이상의 Python도 찾지 못했습니다(찾아본 곳: {places}). uv(docs.astral.sh/uv)나 Python(python.org, 데비안과 우분투에서는 apt install python3-venv)을 설치하고 QGIS를 다시 시작한 뒤 되풀이하십시오.</translation>
  </message>
  <message>
   <source>{python} is no Python of {least} or newer with the modules venv and ensurepip.</source>
   <translation>{python}은(는) venv와 ensurepip 모듈이 있는 {least} 이상의 Python이 아닙니다.</translation>
  </message>
  <message>
   <source>Made with uv: {uv}</source>
   <translation>uv로 만듦: {uv}</translation>
  </message>
  <message>
   <source>The engine needs about {needed:.0f} GB in {folder}, and {free:.1f} GB are free there. Make room, or choose another folder with the environment variable {variable}.</source>
   <translation>엔진은 {folder}에 약 {needed:.0f} GB가 필요한데 {free:.1f} GB만 비어 있습니다. 공간을 비우거나 환경 변수 {variable}(으)로 다른 폴더를 정하십시오.</translation>
  </message>
  <message>
   <source>The build of torch is the one in {source}.</source>
   <translation>torch의 빌드는 {source}에 있는 것입니다.</translation>
  </message>
  <message>
   <source>The raster layer cannot be read.</source>
   <translation>래스터 레이어를 읽을 수 없습니다.</translation>
  </message>
  <message>
   <source>The CRS of “{layer}” was set in QGIS to {crs}: passed on as {path}</source>
   <translation>“{layer}”의 좌표계가 QGIS에서 {crs}(으)로 설정되어 있습니다: {path}(으)로 전달</translation>
  </message>
  <message>
   <source>“{layer}” is in memory: exported to {path}</source>
   <translation>“{layer}”은(는) 메모리에 있습니다: {path}(으)로 내보냄</translation>
  </message>
  <message>
   <source>“{layer}” has open options: passed on as {path}</source>
   <translation>“{layer}”에 열기 옵션이 있습니다: {path}(으)로 전달</translation>
  </message>
  <message>
   <source>“{layer}” is not a raster layer.</source>
   <translation>“{layer}”은(는) 래스터 레이어가 아닙니다.</translation>
  </message>
  <message>
   <source>“{layer}” comes from a service or database ({kind}), not from a file. Save it as a GeoTIFF first (right-click on the layer &gt; Export &gt; Save As), with its raw data.</source>
   <translation>“{layer}”은(는) 파일이 아니라 서비스나 데이터베이스({kind})에서 옵니다. 먼저 GeoTIFF로 저장하십시오(레이어를 오른쪽 클릭 &gt; 내보내기 &gt; 다른 이름으로 저장, 원시 데이터로).</translation>
  </message>
  <message>
   <source>GDAL cannot open {path}.</source>
   <translation>GDAL이 {path}을(를) 열 수 없습니다.</translation>
  </message>
  <message>
   <source>{path} cannot be written.</source>
   <translation>{path}에 쓸 수 없습니다.</translation>
  </message>
  <message>
   <source>✓ {model}: fits this layer</source>
   <translation>✓ {model}: 이 레이어에 맞음</translation>
  </message>
  <message>
   <source>{model}: does not fit this layer</source>
   <translation>{model}: 이 레이어에 맞지 않음</translation>
  </message>
  <message>
   <source>The folder of a model of your own</source>
   <translation>직접 만든 모델의 폴더</translation>
  </message>
  <message>
   <source>auto: the one that fits the scene</source>
   <translation>auto: 장면에 맞는 모델</translation>
  </message>
  <message>
   <source>The result would replace “{layer}”, which this run reads: choose another file.</source>
   <translation>결과가 이 실행에서 읽는 “{layer}” 레이어를 덮어쓰게 됩니다. 다른 파일을 고르세요.</translation>
  </message>
  <message>
   <source>“{layer}” is being edited, and the result would replace its file: save or discard the edits and end editing first, or choose another file.</source>
   <translation>“{layer}” 레이어를 편집하고 있는데 결과가 그 파일을 덮어쓰게 됩니다. 먼저 편집을 저장하거나 버리고 편집을 끝내거나, 다른 파일을 고르세요.</translation>
  </message>
  <message>
   <source>{path} cannot be replaced ({error}): remove its layers from the project, close what else has it open, or choose another file.</source>
   <translation>{path} 파일을 바꿀 수 없습니다({error}). 프로젝트에서 그 레이어를 빼고 파일을 연 다른 프로그램을 닫거나, 다른 파일을 고르세요.</translation>
  </message>
  <message>
   <source>Bands</source>
   <translation>밴드</translation>
  </message>
  <message>
   <source>Scores</source>
   <translation>점수</translation>
  </message>
  <message>
   <source>Limits</source>
   <translation>한계</translation>
  </message>
  <message>
   <source>Credits</source>
   <translation>출처</translation>
  </message>
  <message>
   <source>Sensor</source>
   <translation>센서</translation>
  </message>
  <message>
   <source>Pixel size</source>
   <translation>픽셀 크기</translation>
  </message>
  <message>
   <source>Data types</source>
   <translation>자료형</translation>
  </message>
  <message>
   <source>Trained on</source>
   <translation>훈련 자료</translation>
  </message>
  <message>
   <source>Parameters</source>
   <translation>매개변수</translation>
  </message>
  <message>
   <source>Licence</source>
   <translation>라이선스</translation>
  </message>
  <message>
   <source>{low} to {high} m</source>
   <translation>{low}–{high} m</translation>
  </message>
  <message>
   <source>Predict land cover…</source>
   <translation>토지 피복 예측…</translation>
  </message>
  <message>
   <source>Vectorize classes…</source>
   <translation>클래스 벡터화…</translation>
  </message>
  <message>
   <source>Set up the engine…</source>
   <translation>엔진 설치…</translation>
  </message>
  <message>
   <source>geoseg: land-cover maps</source>
   <translation>geoseg: 토지 피복 지도</translation>
  </message>
  <message>
   <source>0 % (in doubt)</source>
   <translation>0 % (의심스러움)</translation>
  </message>
  <message>
   <source>100 % (sure, transparent)</source>
   <translation>100 % (확실함, 투명)</translation>
  </message>
  <message>
   <source>90 (known, transparent)</source>
   <translation>90 (알고 있음, 투명)</translation>
  </message>
  <message>
   <source>100 (1 % of known land is above)</source>
   <translation>100 (아는 땅의 1 %가 이보다 큼)</translation>
  </message>
  <message>
   <source>254 (unlike all that is known)</source>
   <translation>254 (아는 어떤 것과도 다름)</translation>
  </message>
  <message>
   <source>The engine's Python, or its virtual environment (empty: the one that was set up)</source>
   <translation>엔진의 Python 또는 가상 환경 (비우면: 설치한 것)</translation>
  </message>
  <message>
   <source>Package index for “Set up the engine” (empty: the public one)</source>
   <translation>“엔진 설치”의 패키지 인덱스 (비우면: 공개된 것)</translation>
  </message>
  <message>
   <source>The vector layer cannot be read.</source>
   <translation>벡터 레이어를 읽을 수 없습니다.</translation>
  </message>
  <message>
   <source>“{layer}” is not a file: the engine needs the sample's own GeoPackage.</source>
   <translation>“{layer}”은(는) 파일이 아닙니다. 엔진에는 표본의 GeoPackage 파일 자체가 필요합니다.</translation>
  </message>
  <message>
   <source>“{layer}” has edits that are not saved: save them first.</source>
   <translation>“{layer}”에 저장되지 않은 편집이 있습니다. 먼저 저장하십시오.</translation>
  </message>
  <message>
   <source>“{layer}” is exported as QGIS shows it: {path}</source>
   <translation>“{layer}”을(를) QGIS에 보이는 대로 내보냄: {path}</translation>
  </message>
  <message>
   <source>the tool “Warp (reproject)”</source>
   <translation>“Warp (reproject)” 도구</translation>
  </message>
  <message>
   <source>the tool “Translate (convert format)”</source>
   <translation>“Translate (convert format)” 도구</translation>
  </message>
  <message>
   <source>the tool “Build virtual raster”</source>
   <translation>“Build virtual raster” 도구</translation>
  </message>
  <message>
   <source>{option} (in “{field}”)</source>
   <translation>{option} (“{field}”에 입력)</translation>
  </message>
  <message>
   <source>an access violation</source>
   <translation>잘못된 메모리 접근</translation>
  </message>
  <message>
   <source>memory ran out</source>
   <translation>메모리 부족</translation>
  </message>
  <message>
   <source>a stack overflow</source>
   <translation>스택 넘침</translation>
  </message>
  <message>
   <source>a library is missing</source>
   <translation>라이브러리 없음</translation>
  </message>
  <message>
   <source>The engine was killed by the system (SIGKILL): most likely memory ran out. Use a smaller window or an area of interest.</source>
   <translation>시스템이 엔진을 강제 종료했습니다(SIGKILL): 메모리가 모자랐을 가능성이 큽니다. 더 작은 창이나 관심 영역을 쓰십시오.</translation>
  </message>
  <message>
   <source>It ended with exit status {status}.</source>
   <translation>상태 {status}(으)로 끝났습니다.</translation>
  </message>
  <message>
   <source>The engine crashed ({signal}).</source>
   <translation>엔진이 비정상 종료했습니다({signal}).</translation>
  </message>
  <message>
   <source>The engine crashed: {what} (0x{status:X}).</source>
   <translation>엔진이 비정상 종료했습니다: {what} (0x{status:X}).</translation>
  </message>
  <message>
   <source>{program} cannot be started: {error}</source>
   <translation>{program}을(를) 시작할 수 없습니다: {error}</translation>
  </message>
 </context>
 <context>
  <name>geoseg engine</name>
  <message>
   <source>unknown architecture {architecture}</source>
   <translation>알 수 없는 아키텍처 {architecture}</translation>
  </message>
  <message>
   <source>one of {architectures}</source>
   <translation>{architectures} 중 하나</translation>
  </message>
  <message>
   <source>{name} turns {rows} x {columns} px into logits of shape {shape}</source>
   <translation>{name}은(는) {rows} x {columns} px를 {shape} 모양의 로짓으로 바꿉니다</translation>
  </message>
  <message>
   <source>logits for every pixel</source>
   <translation>모든 픽셀의 로짓</translation>
  </message>
  <message>
   <source>{name} does not run: {error}</source>
   <translation>{name}이(가) 실행되지 않습니다: {error}</translation>
  </message>
  <message>
   <source>the network got a window of {rows} x {columns} px</source>
   <translation>신경망이 {rows} x {columns} px 창을 받았습니다</translation>
  </message>
  <message>
   <source>multiples of {stride} px</source>
   <translation>{stride} px의 배수</translation>
  </message>
  <message>
   <source>choose another tile (--tile), in training another crop (--crop)</source>
   <translation>다른 타일(--tile), 학습에서는 다른 조각(--crop)을 고르세요</translation>
  </message>
  <message>
   <source>unknown encoder {name}</source>
   <translation>알 수 없는 인코더 {name}</translation>
  </message>
  <message>
   <source>tu- and a name of timm, or one of {known}</source>
   <translation>tu-와 timm의 이름, 또는 {known} 중 하나</translation>
  </message>
  <message>
   <source>encoder {name} with output stride {output_stride} cannot be built: {error}</source>
   <translation>출력 보폭이 {output_stride}인 인코더 {name}을(를) 만들 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{name} over {encoder} cannot be built with {options}: {error}</source>
   <translation>{encoder} 위의 {name}을(를) {options}(으)로 만들 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{kind} cannot be built with {strange}</source>
   <translation>{kind}을(를) {strange}(으)로 만들 수 없습니다</translation>
  </message>
  <message>
   <source>only {allowed}</source>
   <translation>{allowed}만</translation>
  </message>
  <message>
   <source>{kind} cannot be built with {name} = {value}</source>
   <translation>{kind}을(를) {name} = {value}(으)로 만들 수 없습니다</translation>
  </message>
  <message>
   <source>ReSeg cannot be built with steps of {stride} px</source>
   <translation>ReSeg는 {stride}픽셀 간격으로 만들 수 없습니다</translation>
  </message>
  <message>
   <source>at most {largest}: 2 to the power of encoder_depth, times the patches</source>
   <translation>최대 {largest}: 2의 encoder_depth 제곱에 패치를 곱한 값</translation>
  </message>
  <message>
   <source>config.json says _model_class {name}</source>
   <translation>config.json에 _model_class {name}이(가) 적혀 있습니다</translation>
  </message>
  <message>
   <source>encoder_name is {encoder}</source>
   <translation>encoder_name이 {encoder}입니다</translation>
  </message>
  <message>
   <source>a name</source>
   <translation>이름</translation>
  </message>
  <message>
   <source>config.json says activation {found}</source>
   <translation>config.json에 activation {found}이(가) 적혀 있습니다</translation>
  </message>
  <message>
   <source>none</source>
   <translation>없음</translation>
  </message>
  <message>
   <source>{name} cannot be built with {key} = {value}</source>
   <translation>{name}을(를) {key} = {value}(으)로 만들 수 없습니다</translation>
  </message>
  <message>
   <source>{name} over {encoder} cannot be built: {error}</source>
   <translation>{encoder} 위의 {name}을(를) 만들 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{name} needs maps at every scale, and its encoder has none at half size</source>
   <translation>{name}에는 모든 크기의 특징 지도가 필요한데, 그 인코더에는 절반 크기의 것이 없습니다</translation>
  </message>
  <message>
   <source>choose an encoder that halves the size step by step, as vgg16_bn</source>
   <translation>vgg16_bn처럼 크기를 단계마다 절반으로 줄이는 인코더를 고르세요</translation>
  </message>
  <message>
   <source>--quicklook {picture}</source>
   <translation>--quicklook {picture}</translation>
  </message>
  <message>
   <source>a name that ends in .png</source>
   <translation>.png로 끝나는 이름</translation>
  </message>
  <message>
   <source>{opts} is given {times} times, and takes one value</source>
   <translation>{opts}가 {times}번 주어졌는데 값은 하나만 받습니다</translation>
  </message>
  <message>
   <source>--of {of}</source>
   <translation>--of {of}</translation>
  </message>
  <message>
   <source>one of {found}</source>
   <translation>다음 중 하나: {found}</translation>
  </message>
  <message>
   <source>{path} exists</source>
   <translation>{path}이(가) 이미 있습니다</translation>
  </message>
  <message>
   <source>a new file</source>
   <translation>새 파일</translation>
  </message>
  <message>
   <source>it is yours to change; nothing is lost</source>
   <translation>직접 고치실 수 있으며, 잃는 것은 없습니다</translation>
  </message>
  <message>
   <source>no file of defaults: GEOSEG_CONFIG is empty, or there is no home</source>
   <translation>기본값 파일이 없습니다. GEOSEG_CONFIG가 비어 있거나 홈 폴더가 없습니다</translation>
  </message>
  <message>
   <source>a file</source>
   <translation>파일</translation>
  </message>
  <message>
   <source>name one with --config</source>
   <translation>--config로 파일을 지정하십시오</translation>
  </message>
  <message>
   <source>{path}, line {keys}: {found}</source>
   <translation>{path}, {keys}번째 줄: {found}</translation>
  </message>
  <message>
   <source>--{keys} is not taken from a file</source>
   <translation>--{keys}는 파일에서 가져오지 않습니다</translation>
  </message>
  <message>
   <source>{command} run</source>
   <translation>{command} run</translation>
  </message>
  <message>
   <source>a number</source>
   <translation>수</translation>
  </message>
  <message>
   <source>text, or a number</source>
   <translation>텍스트 또는 숫자</translation>
  </message>
  <message>
   <source>{what} {path} is no file</source>
   <translation>{what} {path}은(는) 파일이 아닙니다</translation>
  </message>
  <message>
   <source>a file of defaults (TOML), or nothing</source>
   <translation>기본값 파일(TOML), 또는 없음</translation>
  </message>
  <message>
   <source>{path} has more than {most_bytes} bytes</source>
   <translation>{path}이(가) {most_bytes}바이트를 넘습니다</translation>
  </message>
  <message>
   <source>a file of defaults</source>
   <translation>기본값 파일</translation>
  </message>
  <message>
   <source>no command {command}</source>
   <translation>{command}라는 명령이 없습니다</translation>
  </message>
  <message>
   <source>one of {known}</source>
   <translation>{known} 중 하나</translation>
  </message>
  <message>
   <source>type it: {why}</source>
   <translation>직접 입력하십시오: {why}</translation>
  </message>
  <message>
   <source>a file of defaults that can be read</source>
   <translation>읽을 수 있는 기본값 파일</translation>
  </message>
  <message>
   <source>{path} is no TOML: {error}</source>
   <translation>{path}은(는) TOML이 아닙니다: {error}</translation>
  </message>
  <message>
   <source>message</source>
   <translation>메시지</translation>
  </message>
  <message>
   <source>everything works</source>
   <translation>모두 잘 작동합니다</translation>
  </message>
  <message>
   <source>{problems} of the checks failed</source>
   <translation>검사 중 {problems}가지가 실패했습니다</translation>
  </message>
  <message>
   <source>install geoseg anew in an environment of its own</source>
   <translation>geoseg를 독립된 환경에 새로 설치하세요</translation>
  </message>
  <message>
   <source>{inputs} folders of workspaces</source>
   <translation>작업 폴더 {inputs}개</translation>
  </message>
  <message>
   <source>one; or scenes, with --classes and --out</source>
   <translation>하나, 또는 --classes와 --out을 붙인 장면</translation>
  </message>
  <message>
   <source>a new workspace without {classes}</source>
   <translation>{classes} 없는 새 작업 폴더</translation>
  </message>
  <message>
   <source>--out FOLDER</source>
   <translation>--out 폴더</translation>
  </message>
  <message>
   <source>--classes: {forms}</source>
   <translation>--classes: {forms} 형식</translation>
  </message>
  <message>
   <source>{given} with {what}</source>
   <translation>{what}에 {given}</translation>
  </message>
  <message>
   <source>none of them</source>
   <translation>그중 아무것도 없음</translation>
  </message>
  <message>
   <source>labels added from {source} ({kind}): {none}</source>
   <translation>{source}({kind})에서 추가한 라벨: {none}</translation>
  </message>
  <message>
   <source>labels added from {other}: {none}</source>
   <translation>{other}에서 추가한 라벨: {none}</translation>
  </message>
  <message>
   <source>people differ in {areas} areas: {gpkg}</source>
   <translation>사람마다 다른 곳 {areas}곳: {gpkg}</translation>
  </message>
  <message>
   <source>nobody says another class than somebody else</source>
   <translation>서로 다른 클래스를 말한 사람이 없습니다</translation>
  </message>
  <message>
   <source>{target}: {size} MB{told}</source>
   <translation>{target}: {size} MB{told} 씀</translation>
  </message>
  <message>
   <source>left out: {known} that were there already, exactly so</source>
   <translation>제외함: 똑같은 것이 이미 있던 {known}개</translation>
  </message>
  <message>
   <source>left out: {count} {reason}</source>
   <translation>제외함: {count}개, {reason}</translation>
  </message>
  <message>
   <source>two names with = between, such as "Wald=trees"</source>
   <translation>= 양쪽에 이름 둘, 예: "Wald=trees"</translation>
  </message>
  <message>
   <source>--scene {text}</source>
   <translation>--scene {text} 옵션</translation>
  </message>
  <message>
   <source>NAME=PATH, such as north=/data/north.tif</source>
   <translation>이름=경로, 예: north=/data/north.tif</translation>
  </message>
  <message>
   <source>the scene {name} is not in {source}: say where it lies with geoseg label {out} --scene {name2}=PATH</source>
   <translation>장면 {name}이(가) {source}에 없습니다. 어디에 있는지 알려 주세요: geoseg label {out} --scene {name2}=PATH</translation>
  </message>
  <message>
   <source>a line that is no request: {unreadable}</source>
   <translation>요청이 아닌 줄: {unreadable}</translation>
  </message>
  <message>
   <source>a JSON object a line</source>
   <translation>한 줄에 JSON 객체 하나</translation>
  </message>
  <message>
   <source>{folder} is no folder of a model</source>
   <translation>{folder}은(는) 모델 폴더가 아닙니다</translation>
  </message>
  <message>
   <source>one with card.json, which is written anew</source>
   <translation>새로 쓰일 card.json이 있는 폴더</translation>
  </message>
  <message>
   <source>to measure a model that ships, copy its folder first</source>
   <translation>함께 배포되는 모델을 측정하려면 먼저 그 폴더를 복사하십시오</translation>
  </message>
  <message>
   <source>{json} is written</source>
   <translation>{json}이(가) 쓰였습니다</translation>
  </message>
  <message>
   <source>falling numbers of percent, such as 50,25,0</source>
   <translation>50,25,0처럼 줄어드는 퍼센트 값</translation>
  </message>
  <message>
   <source>{count} objects in {where}</source>
   <translation>{where}에 객체 {count}개</translation>
  </message>
  <message>
   <source>--bands {text}</source>
   <translation>--bands {text}</translation>
  </message>
  <message>
   <source>numbers that count from 1, such as 2,3,4</source>
   <translation>1부터 세는 수, 예: 2,3,4</translation>
  </message>
  <message>
   <source>numbers such as 2,0.5</source>
   <translation>2,0.5와 같은 숫자</translation>
  </message>
  <message>
   <source>--out {out}</source>
   <translation>--out {out}</translation>
  </message>
  <message>
   <source>written: {out}</source>
   <translation>기록됨: {out}</translation>
  </message>
  <message>
   <source>{pixels} px mapped, {nodata_pixels} without data, by {model} in {seconds} s: {speed} Mpx/s on {device}{summary}</source>
   <translation>{pixels} px를 매핑함, 그중 자료 없음 {nodata_pixels}, 모델 {model}, {seconds} 초: {speed} Mpx/s, {device}{summary}</translation>
  </message>
  <message>
   <source>written: {outputs}{polygons}</source>
   <translation>기록됨: {outputs}{polygons}</translation>
  </message>
  <message>
   <source>round {round} ({stage}, {seconds} s, {labels} labels)</source>
   <translation>{round}회차 ({stage}, {seconds}초, 레이블 {labels}개)</translation>
  </message>
  <message>
   <source>memory: {memory_peak} MB at most</source>
   <translation>메모리: 최대 {memory_peak} MB</translation>
  </message>
  <message>
   <source>, tiles of {tile} px</source>
   <translation>, {tile}px 타일</translation>
  </message>
  <message>
   <source>internal error: {name}: {error}</source>
   <translation>내부 오류: {name}: {error}</translation>
  </message>
  <message>
   <source>: mean IoU {mean_iou} in {held_out_places} places held out</source>
   <translation>: 따로 남겨 둔 {held_out_places}곳에서 평균 IoU {mean_iou}</translation>
  </message>
  <message>
   <source>, weakest {weakest} {weakest2}</source>
   <translation>, 가장 약한 클래스 {weakest} {weakest2}</translation>
  </message>
  <message>
   <source> of {memory_asked} MB</source>
   <translation>, 허용량 {memory_asked} MB</translation>
  </message>
  <message>
   <source>: {slower} times the computing of a run without a limit</source>
   <translation>: 제한이 없는 실행에 비해 계산량 {slower}배</translation>
  </message>
  <message>
   <source>run with --debug for the traceback</source>
   <translation>--debug로 실행하면 자세한 경로가 나옵니다</translation>
  </message>
  <message>
   <source>see `{command} --help`</source>
   <translation>`{command} --help`를 보세요</translation>
  </message>
  <message>
   <source>use a smaller --tile or --batch</source>
   <translation>더 작은 --tile이나 --batch를 쓰세요</translation>
  </message>
  <message>
   <source>rename it, or run with LC_ALL=C.UTF-8</source>
   <translation>이름을 바꾸거나 LC_ALL=C.UTF-8로 실행하세요</translation>
  </message>
  <message>
   <source>{output} and the map that was made again are not the same</source>
   <translation>{output}와(과) 다시 만든 지도가 같지 않습니다</translation>
  </message>
  <message>
   <source>--workspace and {twice}</source>
   <translation>--workspace와 {twice}</translation>
  </message>
  <message>
   <source>one of them</source>
   <translation>그중 하나</translation>
  </message>
  <message>
   <source>the workspace says these itself</source>
   <translation>작업 폴더가 스스로 말하는 것들입니다</translation>
  </message>
  <message>
   <source>{held_out} labels are held out by the workspace, and not trained on</source>
   <translation>작업 폴더가 남겨 둔 라벨 {held_out}개는 학습에 쓰지 않습니다</translation>
  </message>
  <message>
   <source>values of the raster, such as 0,1,6</source>
   <translation>래스터의 값, 예: 0,1,6</translation>
  </message>
  <message>
   <source>{count} polygons in {name}</source>
   <translation>{name}: 폴리곤 {count}개</translation>
  </message>
  <message>
   <source>{place} was written by somebody else while this ran, and was not replaced</source>
   <translation>실행하는 동안 {place}을(를) 다른 쪽이 써서 바꾸지 않았습니다</translation>
  </message>
  <message>
   <source>choose another name, or replace it with --overwrite</source>
   <translation>다른 이름을 고르거나 --overwrite로 바꾸세요</translation>
  </message>
  <message>
   <source>no model card at {path}</source>
   <translation>{path}에 모델 카드가 없습니다</translation>
  </message>
  <message>
   <source>see `geoseg models list`</source>
   <translation>`geoseg models list`를 보세요</translation>
  </message>
  <message>
   <source>the model card {path} cannot be read: {error}</source>
   <translation>모델 카드 {path}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{path} is not a geoseg model card: {name}: {error}</source>
   <translation>{path}은(는) geoseg 모델 카드가 아닙니다: {name}: {error}</translation>
  </message>
  <message>
   <source>a STAC item with the MLM extension as `geoseg train` writes it</source>
   <translation>`geoseg train`이 쓰는, MLM 확장이 있는 STAC 항목</translation>
  </message>
  <message>
   <source>{path} cannot be read: {strerror}</source>
   <translation>{path}을(를) 읽을 수 없습니다: {strerror}</translation>
  </message>
  <message>
   <source>{path} holds no sets of classes: {error}</source>
   <translation>{path}에는 클래스 집합이 없습니다: {error}</translation>
  </message>
  <message>
   <source>a file of geoseg calibrate</source>
   <translation>geoseg calibrate가 쓴 파일</translation>
  </message>
  <message>
   <source>--calibration is of {model} with {what} {own}, and the map is by {model2} with {its}</source>
   <translation>--calibration은 {what} {own}인 {model}의 것이며, 지도는 {its}인 {model2}(으)로 만듭니다</translation>
  </message>
  <message>
   <source>the scores that were calibrated</source>
   <translation>보정한 점수</translation>
  </message>
  <message>
   <source>run geoseg calibrate with the model and options of the map</source>
   <translation>지도의 모델과 옵션으로 geoseg calibrate를 실행하십시오</translation>
  </message>
  <message>
   <source>{path} is a database of SQLite, and no GeoPackage</source>
   <translation>{path}은(는) SQLite 데이터베이스이지만 GeoPackage가 아닙니다</translation>
  </message>
  <message>
   <source>a GeoPackage</source>
   <translation>GeoPackage</translation>
  </message>
  <message>
   <source>choose another name</source>
   <translation>다른 이름을 고르세요</translation>
  </message>
  <message>
   <source>{path} holds its texts in {encoding}</source>
   <translation>{path}의 텍스트가 {encoding}(으)로 저장되어 있습니다</translation>
  </message>
  <message>
   <source>{encoding}, as GDAL and QGIS write them: SQLite copies nothing between the two</source>
   <translation>GDAL과 QGIS가 쓰는 {encoding}: SQLite는 서로 다른 인코딩 사이에 아무것도 복사하지 않습니다</translation>
  </message>
  <message>
   <source>choose another name, or have ogr2ogr copy the file and add to the copy</source>
   <translation>다른 이름을 고르거나, ogr2ogr로 파일을 복사한 뒤 그 사본에 추가하십시오</translation>
  </message>
  <message>
   <source>{path} holds {problem}</source>
   <translation>{path}에 {problem}이(가) 있습니다</translation>
  </message>
  <message>
   <source>{target} holds a layer {name} that is no class of a map of geoseg's, and was not replaced</source>
   <translation>{target}에 geoseg 지도의 클래스가 아닌 레이어 {name}이(가) 있어 바꾸지 않았습니다</translation>
  </message>
  <message>
   <source>write the layers of classes into another file, or rename that layer</source>
   <translation>클래스 레이어를 다른 파일에 쓰거나 그 레이어의 이름을 바꾸세요</translation>
  </message>
  <message>
   <source>{path} cannot be written by SQLite: {error}</source>
   <translation>SQLite로 {path}에 쓸 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>a sound GeoPackage</source>
   <translation>온전한 GeoPackage</translation>
  </message>
  <message>
   <source>{path} holds a layer {held} that is no class of a map of geoseg's, and is not replaced</source>
   <translation>{path}에는 geoseg 지도의 클래스가 아닌 {held} 레이어가 있어 바꾸지 않습니다</translation>
  </message>
  <message>
   <source>writing {target} failed: {error}; it is as it was</source>
   <translation>{target}을(를) 쓰지 못했습니다: {error}. 파일은 전과 같습니다</translation>
  </message>
  <message>
   <source>close it in other programs and run again</source>
   <translation>다른 프로그램에서 닫고 다시 실행하세요</translation>
  </message>
  <message>
   <source>{target} holds {problem}</source>
   <translation>{target}에 {problem}이(가) 있습니다</translation>
  </message>
  <message>
   <source>{path} is in use by another program</source>
   <translation>{path}을(를) 다른 프로그램이 쓰고 있습니다</translation>
  </message>
  <message>
   <source>a file that may be written</source>
   <translation>쓸 수 있는 파일</translation>
  </message>
  <message>
   <source>close it there (in QGIS: end editing), or choose another name</source>
   <translation>그 프로그램에서 닫거나(QGIS에서는 편집을 끝냄) 다른 이름을 고르세요</translation>
  </message>
  <message>
   <source>a limit on the size of files is set here: see whether it is too low (ulimit -f)</source>
   <translation>여기에는 파일 크기의 한도가 있습니다. 너무 낮은지 보세요(ulimit -f)</translation>
  </message>
  <message>
   <source>the disk is full: {path} could not be written</source>
   <translation>디스크가 가득 찼습니다: {path}을(를) 쓸 수 없었습니다</translation>
  </message>
  <message>
   <source>{path} could not be written: {error}</source>
   <translation>{path}을(를) 쓸 수 없었습니다: {error}</translation>
  </message>
  <message>
   <source>{path} could not be written whole: it is larger than files may be here</source>
   <translation>{path}을(를) 온전히 쓸 수 없었습니다: 여기서 허용되는 파일보다 큽니다</translation>
  </message>
  <message>
   <source>raise the limit on the size of files (ulimit -f), or write elsewhere</source>
   <translation>파일 크기의 한도를 올리거나(ulimit -f) 다른 곳에 쓰세요</translation>
  </message>
  <message>
   <source>{path} could not be written: its folder is gone</source>
   <translation>{path}을(를) 쓸 수 없었습니다: 폴더가 없어졌습니다</translation>
  </message>
  <message>
   <source>write to a folder that stays</source>
   <translation>없어지지 않는 폴더에 쓰세요</translation>
  </message>
  <message>
   <source>{path} is {kind}</source>
   <translation>{path}은(는) {kind}입니다</translation>
  </message>
  <message>
   <source>write what it gives into a file first</source>
   <translation>먼저 거기서 나오는 것을 파일에 쓰세요</translation>
  </message>
  <message>
   <source>the list {path} is empty</source>
   <translation>목록 {path}이(가) 비어 있습니다</translation>
  </message>
  <message>
   <source>the path of a scene on each line</source>
   <translation>한 줄에 장면 경로 하나</translation>
  </message>
  <message>
   <source>the list {path} has the columns {none}</source>
   <translation>목록 {path}에 있는 열: {none}</translation>
  </message>
  <message>
   <source>one of {columns}</source>
   <translation>{columns} 중 하나</translation>
  </message>
  <message>
   <source>the list {path} cannot be read: {error}</source>
   <translation>목록 {path}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>the list {path} is not CSV: {error} (line {line_num})</source>
   <translation>목록 {path}은(는) CSV가 아닙니다: {error} ({line_num}번째 줄)</translation>
  </message>
  <message>
   <source>--out {out} ends in {suffix}</source>
   <translation>--out {out}이(가) {suffix}(으)로 끝납니다</translation>
  </message>
  <message>
   <source>no suffix</source>
   <translation>확장자 없음</translation>
  </message>
  <message>
   <source>--layers class with {path}</source>
   <translation>{path}에 --layers class</translation>
  </message>
  <message>
   <source>a name that ends in .gpkg: other formats hold one layer</source>
   <translation>.gpkg로 끝나는 이름: 다른 형식은 레이어가 하나입니다</translation>
  </message>
  <message>
   <source>write a GeoPackage, or one file for each class with vectorize --classes</source>
   <translation>GeoPackage로 쓰거나, vectorize --classes로 클래스마다 파일을 쓰세요</translation>
  </message>
  <message>
   <source>--scores-type float16 without --scores</source>
   <translation>--scores 없이 --scores-type float16이 주어졌습니다</translation>
  </message>
  <message>
   <source>both, or none of them</source>
   <translation>둘 다, 또는 둘 다 아님</translation>
  </message>
  <message>
   <source>--stac {stac}</source>
   <translation>--stac {stac}</translation>
  </message>
  <message>
   <source>a name that ends in .json</source>
   <translation>.json으로 끝나는 이름</translation>
  </message>
  <message>
   <source>region {region}</source>
   <translation>영역 {region}</translation>
  </message>
  <message>
   <source>top, left, bottom, right in pixels of the scene</source>
   <translation>장면의 픽셀로 위, 왼쪽, 아래, 오른쪽</translation>
  </message>
  <message>
   <source>no scene was given</source>
   <translation>장면이 주어지지 않았습니다</translation>
  </message>
  <message>
   <source>the path of a raster, or of its bands</source>
   <translation>래스터 또는 그 밴드들의 경로</translation>
  </message>
  <message>
   <source>no output was given</source>
   <translation>출력이 주어지지 않았습니다</translation>
  </message>
  <message>
   <source>--out with a name that ends in .gpkg or .tif</source>
   <translation>.gpkg나 .tif로 끝나는 이름의 --out</translation>
  </message>
  <message>
   <source>--sets without --calibration</source>
   <translation>--calibration 없는 --sets</translation>
  </message>
  <message>
   <source>--calibration without --sets</source>
   <translation>--sets 없는 --calibration</translation>
  </message>
  <message>
   <source>both: where they are written, and what geoseg calibrate wrote for the model</source>
   <translation>둘 다: 쓸 곳과 geoseg calibrate가 모델에 대해 쓴 파일</translation>
  </message>
  <message>
   <source>the same file is named for two outputs: {paths}</source>
   <translation>두 출력에 같은 파일이 지정되었습니다: {paths}</translation>
  </message>
  <message>
   <source>{pop} is the scene itself</source>
   <translation>{pop}은(는) 장면 자신입니다</translation>
  </message>
  <message>
   <source>another name for the output</source>
   <translation>출력에 다른 이름</translation>
  </message>
  <message>
   <source>a layer's name with .gpkg only: other formats hold one layer</source>
   <translation>레이어 이름은 .gpkg에만: 다른 형식은 레이어가 하나입니다</translation>
  </message>
  <message>
   <source>{given} with --layers class</source>
   <translation>--layers class와 함께 {given}</translation>
  </message>
  <message>
   <source>one of the two: layers of classes have their names</source>
   <translation>둘 중 하나: 클래스의 레이어에는 클래스의 이름이 붙습니다</translation>
  </message>
  <message>
   <source>a name that does not begin with {reserved}</source>
   <translation>{reserved}(으)로 시작하지 않는 이름</translation>
  </message>
  <message>
   <source>a name that ends in {raster_suffixes}</source>
   <translation>{raster_suffixes}(으)로 끝나는 이름</translation>
  </message>
  <message>
   <source>--out {out} and --raster {raster} both name a class raster</source>
   <translation>--out {out}과(와) --raster {raster}이(가) 모두 클래스 래스터입니다</translation>
  </message>
  <message>
   <source>give --out a name that ends in .gpkg for polygons, or leave --raster out</source>
   <translation>폴리곤은 --out에 .gpkg로 끝나는 이름을 주거나, --raster를 빼세요</translation>
  </message>
  <message>
   <source>{what} needs {size} GB of memory, and {free} GB are free</source>
   <translation>{what}에 메모리 {size} GB가 필요한데 {free} GB가 남아 있습니다</translation>
  </message>
  <message>
   <source>{name} is called {now} now, and is not understood by the next version</source>
   <translation>{name}의 이름은 이제 {now}이며, 다음 버전부터는 이전 이름을 쓸 수 없습니다</translation>
  </message>
  <message>
   <source>a number of pixels from 1 to {most_tile}</source>
   <translation>1에서 {most_tile}까지의 픽셀 수</translation>
  </message>
  <message>
   <source>a number of pixels from 0 to {most_tile}</source>
   <translation>0에서 {most_tile}까지의 픽셀 수</translation>
  </message>
  <message>
   <source>a number of tiles from 1 to {most_tiles}</source>
   <translation>1에서 {most_tiles}까지의 타일 수</translation>
  </message>
  <message>
   <source>numbers from 1 to {most_bands}, such as 2,3,4</source>
   <translation>1에서 {most_bands}까지의 수, 예: 2,3,4</translation>
  </message>
  <message>
   <source>a factor from {most_value} to {most_value2}</source>
   <translation>{most_value}에서 {most_value2}까지의 배율</translation>
  </message>
  <message>
   <source>a number within {most_value} of 0</source>
   <translation>0에서 {most_value} 이내의 수</translation>
  </message>
  <message>
   <source>some of {masks}, with commas between them</source>
   <translation>{masks} 중 일부, 쉼표로 구분</translation>
  </message>
  <message>
   <source>model, native, or metres from {least_gsd} to {most_gsd}</source>
   <translation>model, native 또는 {least_gsd}에서 {most_gsd}까지의 미터</translation>
  </message>
  <message>
   <source>a share of the pixels, 0 to 1</source>
   <translation>픽셀의 비율, 0에서 1</translation>
  </message>
  <message>
   <source>a number from 0 to {most_value} for each model, such as 2,1</source>
   <translation>모델마다 0부터 {most_value}까지의 숫자, 예: 2,1</translation>
  </message>
  <message>
   <source>a number of threads from 1 to {most_threads}</source>
   <translation>1에서 {most_threads}까지의 스레드 수</translation>
  </message>
  <message>
   <source>a size from 100MB to 1000TB, such as 600MB, 2GB or 1.5GiB</source>
   <translation>600MB, 2GB, 1.5GiB처럼 100MB에서 1000TB까지의 크기</translation>
  </message>
  <message>
   <source>an odd number of pixels from 3 to {most_window}</source>
   <translation>3에서 {most_window}까지의 홀수 픽셀</translation>
  </message>
  <message>
   <source>square metres, 0 or more, at most the Earth's {earth_area}</source>
   <translation>0 이상, 최대 지구의 넓이 {earth_area}인 제곱미터</translation>
  </message>
  <message>
   <source>metres, 0 or more, at most {earth_girth}</source>
   <translation>0 이상, 최대 {earth_girth}인 미터</translation>
  </message>
  <message>
   <source>a number of rounds from 0 to {most_rounds}</source>
   <translation>0에서 {most_rounds}까지의 횟수</translation>
  </message>
  <message>
   <source>4 or 8</source>
   <translation>4 또는 8</translation>
  </message>
  <message>
   <source>0 to 1</source>
   <translation>0에서 1</translation>
  </message>
  <message>
   <source>a number from 0 to 1, or one for each class, such as 0.5,water=0.6</source>
   <translation>0에서 1까지의 수, 또는 0.5,water=0.6처럼 클래스마다 하나씩</translation>
  </message>
  <message>
   <source>--max-memory {text}</source>
   <translation>--max-memory {text}</translation>
  </message>
  <message>
   <source>--granule and --mosaic</source>
   <translation>--granule과 --mosaic</translation>
  </message>
  <message>
   <source>one of them: a mosaic takes all granules of a product</source>
   <translation>둘 중 하나: 모자이크는 제품의 모든 그래뉼을 씁니다</translation>
  </message>
  <message>
   <source>--fill-nodata without --fill-holes</source>
   <translation>--fill-holes 없이 --fill-nodata</translation>
  </message>
  <message>
   <source>both: the one says what, the other up to what area</source>
   <translation>둘 다: 하나는 무엇을, 하나는 어느 넓이까지인지 말합니다</translation>
  </message>
  <message>
   <source>--gsd {text}</source>
   <translation>--gsd {text}</translation>
  </message>
  <message>
   <source>{name} beside {now}</source>
   <translation>{name}와(과) {now}을(를) 함께 주었습니다</translation>
  </message>
  <message>
   <source>one of them: they are the same option</source>
   <translation>둘 중 하나: 같은 옵션입니다</translation>
  </message>
  <message>
   <source>{name} {value} is {name2}</source>
   <translation>{name} {value}은(는) {name2}입니다</translation>
  </message>
  <message>
   <source>--{dashed} {text}</source>
   <translation>--{dashed} {text}</translation>
  </message>
  <message>
   <source>unknown option: {unknown}</source>
   <translation>알 수 없는 옵션: {unknown}</translation>
  </message>
  <message>
   <source>one of {options}</source>
   <translation>{options} 중 하나</translation>
  </message>
  <message>
   <source>{name} {missing}, and it was {missing2}</source>
   <translation>{name} {missing}, 이전에는 {missing2}</translation>
  </message>
  <message>
   <source>is missing</source>
   <translation>없음</translation>
  </message>
  <message>
   <source>the model {given} has weights of SHA-256 {sha}..., and had {sha2}...</source>
   <translation>모델 {given}의 가중치 SHA-256은 {sha}...이며, 이전에는 {sha2}...였습니다</translation>
  </message>
  <message>
   <source>the card of the model {given} scales, names or reads otherwise than it did</source>
   <translation>모델 {given}의 카드가 값의 스케일, 이름 또는 읽는 방식을 이전과 다르게 정합니다</translation>
  </message>
  <message>
   <source>what {name} says of how it was made cannot be read: {error}</source>
   <translation>{name}에 적힌 제작 과정을 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{tag} as geoseg writes it</source>
   <translation>geoseg이 쓰는 형식의 {tag}</translation>
  </message>
  <message>
   <source>what is secret in {address} is not known on this machine or to this user</source>
   <translation>{address}의 비밀 정보를 이 컴퓨터나 이 사용자는 알지 못합니다</translation>
  </message>
  <message>
   <source>the cache folder (GEOSEG_CACHE) of who planned the batch</source>
   <translation>배치를 계획한 사람의 캐시 폴더(GEOSEG_CACHE)</translation>
  </message>
  <message>
   <source>run the same command again here, with its scenes</source>
   <translation>여기에서 같은 명령을 영상과 함께 다시 실행하십시오</translation>
  </message>
  <message>
   <source>what is secret in {plain} cannot be kept apart: {error}</source>
   <translation>{plain}의 비밀 정보를 따로 보관할 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>a folder for it</source>
   <translation>그것을 위한 폴더</translation>
  </message>
  <message>
   <source>set GEOSEG_CACHE to one that can be written</source>
   <translation>GEOSEG_CACHE를 쓸 수 있는 폴더로 지정하십시오</translation>
  </message>
  <message>
   <source>--tile {tile}</source>
   <translation>--tile {tile}</translation>
  </message>
  <message>
   <source>a multiple of {stride}, which is what {name} needs</source>
   <translation>{name}에 필요한 {stride}의 배수</translation>
  </message>
  <message>
   <source>{tile}: {name} takes no tiles of other sides</source>
   <translation>{tile}: {name}은(는) 다른 크기의 타일을 받지 않습니다</translation>
  </message>
  <message>
   <source>--overlap {overlap}</source>
   <translation>--overlap {overlap}</translation>
  </message>
  <message>
   <source>less than the tile of {tile} px</source>
   <translation>타일 {tile} px보다 작은 값</translation>
  </message>
  <message>
   <source>{path} is of {st_size} bytes</source>
   <translation>{path}의 크기는 {st_size}바이트입니다</translation>
  </message>
  <message>
   <source>at most {largest}</source>
   <translation>{largest} 이하</translation>
  </message>
  <message>
   <source>{path} is not JSON: {error}</source>
   <translation>{path}은(는) JSON이 아닙니다: {error}</translation>
  </message>
  <message>
   <source>no point of {lost} has been interpreted</source>
   <translation>{lost}의 점이 하나도 판독되지 않았습니다</translation>
  </message>
  <message>
   <source>at least two points of every class of the map</source>
   <translation>지도의 클래스마다 점 두 개 이상</translation>
  </message>
  <message>
   <source>no labelled pixel to fit a temperature to</source>
   <translation>온도를 맞출 레이블된 픽셀이 없습니다</translation>
  </message>
  <message>
   <source>some pixels with a known class, held out</source>
   <translation>따로 둔, 클래스를 아는 픽셀</translation>
  </message>
  <message>
   <source>classes matched by name</source>
   <translation>클래스를 이름으로 맞춥니다</translation>
  </message>
  <message>
   <source>classes matched by value: not all named</source>
   <translation>클래스를 값으로 맞춤: 이름이 모두 있지는 않음</translation>
  </message>
  <message>
   <source>{path} lies on another grid ({other}) than {path2} ({one})</source>
   <translation>{path}의 격자({other})가 {path2}의 격자({one})와 다릅니다</translation>
  </message>
  <message>
   <source>two maps of the same pixels, or what is moved by a part of a pixel counts as change along every border</source>
   <translation>픽셀이 같은 두 지도. 그렇지 않으면 픽셀의 일부만큼 어긋난 것이 모든 경계를 따라 변화로 집계됩니다</translation>
  </message>
  <message>
   <source>map both scenes on one grid, or let the later map be brought onto the earlier one's: --resample nearest</source>
   <translation>두 장면을 한 격자에서 지도로 만들거나, 나중 지도를 이전 지도의 격자에 맞추게 하십시오: --resample nearest</translation>
  </message>
  <message>
   <source>{transitions} transitions occur</source>
   <translation>전이가 {transitions}가지 나타납니다</translation>
  </message>
  <message>
   <source>at most {nodata} in a raster or polygons</source>
   <translation>래스터나 폴리곤에는 최대 {nodata}가지</translation>
  </message>
  <message>
   <source>join classes with --rename A=B, or leave some out with --ignore A; without --out all of them are counted</source>
   <translation>--rename A=B로 클래스를 합치거나 --ignore A로 일부를 빼십시오. --out이 없으면 모두 집계됩니다</translation>
  </message>
  <message>
   <source>{path} is vector data</source>
   <translation>{path}은(는) 벡터 자료입니다</translation>
  </message>
  <message>
   <source>a class raster</source>
   <translation>클래스 래스터</translation>
  </message>
  <message>
   <source>burn its classes with gdal_rasterize, onto the grid of the other map</source>
   <translation>gdal_rasterize로 그 클래스를 다른 지도의 격자에 새기십시오</translation>
  </message>
  <message>
   <source>{lost} has no CRS, and the other map has one</source>
   <translation>{lost}에는 좌표계가 없고 다른 지도에는 있습니다</translation>
  </message>
  <message>
   <source>two maps that say where they are</source>
   <translation>어디에 있는지 알려 주는 두 지도</translation>
  </message>
  <message>
   <source>where it is known, give it: gdal_edit.py -a_srs</source>
   <translation>알고 있다면 지정하십시오: gdal_edit.py -a_srs</translation>
  </message>
  <message>
   <source>{path} has another size or place than {path2}, and neither has a CRS</source>
   <translation>{path}의 크기나 위치가 {path2}와 다르고, 둘 다 좌표계가 없습니다</translation>
  </message>
  <message>
   <source>maps of the same pixels, or of the same Earth</source>
   <translation>픽셀이 같거나 같은 지구 위에 있는 지도</translation>
  </message>
  <message>
   <source>no pixel has a class in both {before} and {after}</source>
   <translation>{before}와 {after} 모두에서 클래스가 있는 픽셀이 없습니다</translation>
  </message>
  <message>
   <source>two maps of the same ground</source>
   <translation>같은 땅의 두 지도</translation>
  </message>
  <message>
   <source>look at both in QGIS</source>
   <translation>둘을 QGIS에서 살펴보세요</translation>
  </message>
  <message>
   <source>{before} and {after} have no class in common: {names}</source>
   <translation>{before}와 {after}에 공통된 클래스가 없습니다: {names}</translation>
  </message>
  <message>
   <source>two maps of the same classes</source>
   <translation>같은 클래스를 가진 두 지도</translation>
  </message>
  <message>
   <source>say which class is which with --rename A=B</source>
   <translation>--rename A=B로 어느 클래스가 어느 것인지 말하십시오</translation>
  </message>
  <message>
   <source>--missing {missing}</source>
   <translation>--missing {missing}</translation>
  </message>
  <message>
   <source>one of {missing}</source>
   <translation>{missing} 중 하나</translation>
  </message>
  <message>
   <source>--resample {resample}</source>
   <translation>--resample {resample}</translation>
  </message>
  <message>
   <source>the legends of {before} and {after} differ: only one of them has {lost}</source>
   <translation>{before}와 {after}의 범례가 다릅니다. 둘 중 하나에만 있는 것: {lost}</translation>
  </message>
  <message>
   <source>two maps of the same classes, or what was never told apart counts as change</source>
   <translation>같은 클래스를 가진 두 지도. 그렇지 않으면 구분된 적이 없는 것이 변화로 집계됩니다</translation>
  </message>
  <message>
   <source>say which class is which with --rename A=B, leave some out with --ignore A, or all of these with --missing ignore; --missing count takes them as they are</source>
   <translation>--rename A=B로 어느 클래스가 어느 것인지 말하거나, --ignore A로 일부를, --missing ignore로 이들 모두를 빼십시오. --missing count는 있는 그대로 받아들입니다</translation>
  </message>
  <message>
   <source>--rename {pair}</source>
   <translation>--rename {pair}</translation>
  </message>
  <message>
   <source>A=B: what a map calls A, by name or value, is the class B</source>
   <translation>A=B: 지도가 이름이나 값으로 A라고 부르는 것은 클래스 B입니다</translation>
  </message>
  <message>
   <source>neither map has a class called {key}</source>
   <translation>어느 지도에도 {key}라는 클래스가 없습니다</translation>
  </message>
  <message>
   <source>one of {known}, or a value</source>
   <translation>다음 중 하나 또는 값: {known}</translation>
  </message>
  <message>
   <source>a value, for the maps tell no names</source>
   <translation>값. 지도에 이름이 없기 때문입니다</translation>
  </message>
  <message>
   <source>left out, as one legend lacks them: {names}</source>
   <translation>한 범례에 없으므로 뺀 것: {names}</translation>
  </message>
  <message>
   <source>the value {key} is {before} in {path} and {after} in {path2}</source>
   <translation>값 {key}은(는) {path}에서 {before}이고 {path2}에서 {after}입니다</translation>
  </message>
  <message>
   <source>classes by their names in --rename and --ignore</source>
   <translation>--rename과 --ignore에는 클래스의 이름</translation>
  </message>
  <message>
   <source>only one of the legends has {names}: what goes from or to these may be none</source>
   <translation>범례 하나에만 있는 것: {names}. 여기서 나가거나 들어오는 것은 변화가 아닐 수 있습니다</translation>
  </message>
  <message>
   <source>--coverage {coverage}</source>
   <translation>--coverage {coverage}</translation>
  </message>
  <message>
   <source>a share between 0 and 1, such as 0.9</source>
   <translation>0과 1 사이의 비율(예: 0.9)</translation>
  </message>
  <message>
   <source>--model auto</source>
   <translation>--model auto</translation>
  </message>
  <message>
   <source>the one model whose scores are to be calibrated</source>
   <translation>점수를 보정할 모델 하나</translation>
  </message>
  <message>
   <source>{name} maps numbers</source>
   <translation>{name}은(는) 수치를 매핑합니다</translation>
  </message>
  <message>
   <source>a model of classes</source>
   <translation>클래스를 주는 모델</translation>
  </message>
  <message>
   <source>{places} places for a coverage of {coverage}</source>
   <translation>포함률 {coverage}에 장소가 {places}곳입니다</translation>
  </message>
  <message>
   <source>{needed} places at least, which lie apart</source>
   <translation>서로 떨어진 장소 {needed}곳 이상</translation>
  </message>
  <message>
   <source>give more pairs of scene and truth, or a lower --coverage</source>
   <translation>영상과 정답의 쌍을 더 주거나 --coverage를 낮추십시오</translation>
  </message>
  <message>
   <source>{truth} has classes that {name} lacks: {names}</source>
   <translation>{truth}에는 {name}에 없는 클래스가 있습니다: {names}</translation>
  </message>
  <message>
   <source>some of {labels}</source>
   <translation>{labels} 가운데 일부</translation>
  </message>
  <message>
   <source>say which of these they are with --rename, or leave them out with --ignore</source>
   <translation>--rename으로 이 가운데 어느 것인지 말하거나 --ignore로 빼십시오</translation>
  </message>
  <message>
   <source>{number} of {pairs}: {mapped} against {truth} ({place})</source>
   <translation>{pairs} 가운데 {number}: {mapped} 대 {truth} ({place})</translation>
  </message>
  <message>
   <source>{place}: no pixel has a class on the map and in the truth; left out</source>
   <translation>{place}: 지도와 정답 모두에 클래스가 있는 픽셀이 없어 뺍니다</translation>
  </message>
  <message>
   <source>{tallies} places tell little of others: the coverage of new ones may be several points off</source>
   <translation>장소 {tallies}곳은 다른 곳에 대해 말해 주는 것이 적습니다. 새 장소의 포함률은 몇 퍼센트포인트 다를 수 있습니다</translation>
  </message>
  <message>
   <source>an object such as {{"truth": {{"5": "water", "clouds": null}}, "map": {{"3": "water"}}}}</source>
   <translation>다음과 같은 객체: {{"truth": {{"5": "water", "clouds": null}}, "map": {{"3": "water"}}}}</translation>
  </message>
  <message>
   <source>classes matched by value, for these tell no names: {without}</source>
   <translation>클래스를 값으로 맞춥니다. 이름이 없는 것: {without}</translation>
  </message>
  <message>
   <source>--classes {path} names a class {value}</source>
   <translation>--classes {path}이(가) 클래스를 {value}(이)라고 합니다</translation>
  </message>
  <message>
   <source>a name, a value, or null for unlabelled</source>
   <translation>이름, 값, 또는 레이블 없음을 뜻하는 null</translation>
  </message>
  <message>
   <source>--classes {path} holds {name}</source>
   <translation>--classes {path}에 {name}이(가) 있습니다</translation>
  </message>
  <message>
   <source>--classes {path}: what stands under map or truth is no object</source>
   <translation>--classes {path}: map이나 truth 아래의 것이 객체가 아닙니다</translation>
  </message>
  <message>
   <source>A=B: what the truth calls A, by name or value, is B on the map</source>
   <translation>A=B: 참값이 이름이나 값으로 A라고 하는 것이 지도에서는 B</translation>
  </message>
  <message>
   <source>--classes {path} cannot be read: {strerror}</source>
   <translation>--classes {path}을(를) 읽을 수 없습니다: {strerror}</translation>
  </message>
  <message>
   <source>--classes {path} is not JSON: {error}</source>
   <translation>--classes {path}은(는) JSON이 아닙니다: {error}</translation>
  </message>
  <message>
   <source>map and truth have more than {most} classes</source>
   <translation>지도와 참값의 클래스가 {most}개보다 많습니다</translation>
  </message>
  <message>
   <source>rasters of classes, not of measurements</source>
   <translation>측정값이 아닌 클래스의 래스터</translation>
  </message>
  <message>
   <source>{name}: features of different classes overlap on {pixels} pixels; there, the later feature in the file counts</source>
   <translation>{name}: {pixels} 픽셀에서 클래스가 다른 피처가 겹칩니다. 거기서는 파일에서 뒤에 있는 피처를 씁니다</translation>
  </message>
  <message>
   <source>--boundary {text}</source>
   <translation>--boundary {text}</translation>
  </message>
  <message>
   <source>a distance such as 2px or 15m, or off</source>
   <translation>2px나 15m 같은 거리, 또는 off</translation>
  </message>
  <message>
   <source>the map {mapped} has no data where the truth {truth} is labelled</source>
   <translation>참값 {truth}에 레이블이 있는 곳에 지도 {mapped}의 자료가 없습니다</translation>
  </message>
  <message>
   <source>a map and a truth that overlap</source>
   <translation>겹치는 지도와 참값</translation>
  </message>
  <message>
   <source>the map {mapped} is of points</source>
   <translation>지도 {mapped}은(는) 점입니다</translation>
  </message>
  <message>
   <source>a raster or polygons</source>
   <translation>래스터 또는 폴리곤</translation>
  </message>
  <message>
   <source>give the map first, then the truth</source>
   <translation>지도를 먼저, 그다음 참값을 주세요</translation>
  </message>
  <message>
   <source>--boundary {tolerance} is {number} pixels</source>
   <translation>--boundary {tolerance}은(는) {number} 픽셀입니다</translation>
  </message>
  <message>
   <source>at most {farthest} pixels</source>
   <translation>{farthest} 픽셀 이하</translation>
  </message>
  <message>
   <source>no pixel of the truth {truth} is labelled on the map</source>
   <translation>참값 {truth}의 레이블된 픽셀이 지도 위에 하나도 없습니다</translation>
  </message>
  <message>
   <source>a truth with classes where the map is</source>
   <translation>지도가 있는 곳에 클래스가 있는 참값</translation>
  </message>
  <message>
   <source>map and truth have no class in common: the truth has {listed}</source>
   <translation>지도와 참값에 공통된 클래스가 없습니다. 참값에 있는 것: {listed}</translation>
  </message>
  <message>
   <source>classes of the map ({known})</source>
   <translation>지도의 클래스({known})</translation>
  </message>
  <message>
   <source>say which is which with --rename TRUTH=MAP or --classes FILE.json</source>
   <translation>--rename TRUTH=MAP 또는 --classes FILE.json으로 서로 어느 것인지 알려 주세요</translation>
  </message>
  <message>
   <source>the truth has classes that the map lacks: {listed}</source>
   <translation>지도에 없는 클래스가 참값에 있습니다: {listed}</translation>
  </message>
  <message>
   <source>say with --rename TRUTH=MAP what they are, or with --missing count or ignore what to do</source>
   <translation>--rename TRUTH=MAP으로 무엇인지 말하거나, --missing count 또는 ignore로 어떻게 할지 정하세요</translation>
  </message>
  <message>
   <source>--pixel {pixel}</source>
   <translation>--pixel {pixel}</translation>
  </message>
  <message>
   <source>metres, from {least_pixel} to {most_pixel}</source>
   <translation>{least_pixel}에서 {most_pixel}까지의 미터 값</translation>
  </message>
  <message>
   <source>no point of {path} with a class lies on the map</source>
   <translation>클래스가 있는 {path}의 점이 지도 위에 하나도 없습니다</translation>
  </message>
  <message>
   <source>points that the map covers, with their class</source>
   <translation>지도가 덮는, 클래스가 있는 점</translation>
  </message>
  <message>
   <source>--boundary {tolerance}, and the map has no CRS</source>
   <translation>--boundary {tolerance}인데 지도에 좌표계가 없습니다</translation>
  </message>
  <message>
   <source>a distance in pixels, such as 2px</source>
   <translation>2px 같은 픽셀 단위의 거리</translation>
  </message>
  <message>
   <source>{tallies} places for a coverage of {coverage}</source>
   <translation>포함률 {coverage}에 장소가 {tallies}곳입니다</translation>
  </message>
  <message>
   <source>--seed {seed}</source>
   <translation>--seed {seed}</translation>
  </message>
  <message>
   <source>0 to {most_seed}</source>
   <translation>0부터 {most_seed}까지</translation>
  </message>
  <message>
   <source>a name that ends in .gpkg</source>
   <translation>.gpkg로 끝나는 이름</translation>
  </message>
  <message>
   <source>how many points is not told</source>
   <translation>점의 수가 주어지지 않았습니다</translation>
  </message>
  <message>
   <source>both --points and --standard-error</source>
   <translation>--points와 --standard-error가 둘 다 주어졌습니다</translation>
  </message>
  <message>
   <source>--points N or --standard-error S</source>
   <translation>--points N 또는 --standard-error S</translation>
  </message>
  <message>
   <source>--points {points}</source>
   <translation>--points {points}</translation>
  </message>
  <message>
   <source>1 to {most}</source>
   <translation>1에서 {most}까지</translation>
  </message>
  <message>
   <source>--minimum {minimum}</source>
   <translation>--minimum {minimum}</translation>
  </message>
  <message>
   <source>2 to {most}: one point alone tells no spread</source>
   <translation>2부터 {most}까지: 점 하나로는 산포를 알 수 없습니다</translation>
  </message>
  <message>
   <source>{points} points in {out}</source>
   <translation>{out}에 점 {points}개</translation>
  </message>
  <message>
   <source>--standard-error {standard_error} needs {points} points</source>
   <translation>--standard-error {standard_error}에는 점 {points}개가 필요합니다</translation>
  </message>
  <message>
   <source>a larger standard error</source>
   <translation>더 큰 표준 오차</translation>
  </message>
  <message>
   <source>class values</source>
   <translation>클래스 값</translation>
  </message>
  <message>
   <source>name them with --classes FILE.json, null for unlabelled</source>
   <translation>--classes FILE.json으로 이름을 주세요. 레이블 없음은 null</translation>
  </message>
  <message>
   <source>{path} holds the values {shown}</source>
   <translation>{path}에 값 {shown}이(가) 있습니다</translation>
  </message>
  <message>
   <source>{name}: brought onto the other's grid by the nearest pixel</source>
   <translation>{name}: 가장 가까운 픽셀로 다른 쪽의 격자에 옮겼습니다</translation>
  </message>
  <message>
   <source>{name}: {what} (column {name2}){left}</source>
   <translation>{name}: {what}({name2} 열){left}</translation>
  </message>
  <message>
   <source>{name}: compared pixel by pixel, for one side has no CRS</source>
   <translation>{name}: 한쪽에 좌표계가 없어 픽셀끼리 비교합니다</translation>
  </message>
  <message>
   <source>confidence in whole percent, 0 to 100</source>
   <translation>0에서 100까지 정수 퍼센트의 신뢰도</translation>
  </message>
  <message>
   <source>geoseg predict --confidence writes such a raster</source>
   <translation>geoseg predict --confidence가 그런 래스터를 씁니다</translation>
  </message>
  <message>
   <source>{path} holds several classes at once, a band for each</source>
   <translation>{path}에는 여러 클래스가 동시에 들어 있고, 클래스마다 밴드가 하나씩 있습니다</translation>
  </message>
  <message>
   <source>a map of one class for each pixel</source>
   <translation>픽셀마다 클래스가 하나인 지도</translation>
  </message>
  <message>
   <source>map without --threshold to evaluate</source>
   <translation>평가하려면 --threshold 없이 지도를 만드십시오</translation>
  </message>
  <message>
   <source>those that --classes names</source>
   <translation>--classes가 지정하는 것</translation>
  </message>
  <message>
   <source>column {name} of {path} holds {names} different values</source>
   <translation>{path}의 {name} 열에 서로 다른 값이 {names}개 있습니다</translation>
  </message>
  <message>
   <source>at most {most} classes</source>
   <translation>클래스 {most}개 이하</translation>
  </message>
  <message>
   <source>name another column with --truth-column or --map-column</source>
   <translation>--truth-column이나 --map-column으로 다른 열을 지정하세요</translation>
  </message>
  <message>
   <source>--pixel is for two vector files: a raster has pixels of its own</source>
   <translation>--pixel은 벡터 파일 두 개에 씁니다. 래스터에는 자신의 픽셀이 있습니다</translation>
  </message>
  <message>
   <source>both map and truth are vector data</source>
   <translation>지도와 참값이 모두 벡터 자료입니다</translation>
  </message>
  <message>
   <source>one raster, or --pixel METRES to lay both on a grid</source>
   <translation>래스터 하나, 또는 둘을 격자에 놓을 --pixel METRES</translation>
  </message>
  <message>
   <source>--pixel {pixel} makes a grid of {rows} x {columns} pixels</source>
   <translation>--pixel {pixel}(으)로는 {rows} x {columns} 픽셀의 격자가 됩니다</translation>
  </message>
  <message>
   <source>a larger pixel</source>
   <translation>더 큰 픽셀</translation>
  </message>
  <message>
   <source>--matches of scenes in several CRS</source>
   <translation>좌표계가 여럿인 장면들에 --matches</translation>
  </message>
  <message>
   <source>one CRS for a layer</source>
   <translation>레이어 하나에 좌표계 하나</translation>
  </message>
  <message>
   <source>one pair at a time</source>
   <translation>한 번에 한 쌍씩</translation>
  </message>
  <message>
   <source>Mean over the classes; interpolated: the best precision at this recall or above.</source>
   <translation>클래스 평균이며 보간한 값입니다: 이 재현율 이상에서 가장 높은 정밀도.</translation>
  </message>
  <message>
   <source>--sizes {text}</source>
   <translation>--sizes {text}</translation>
  </message>
  <message>
   <source>two areas where small, medium and large part, such as 1024,9216px or 50,500m2</source>
   <translation>소형, 중형, 대형을 나누는 면적 둘(예: 1024,9216px 또는 50,500m2)</translation>
  </message>
  <message>
   <source>--pixel beside --objects</source>
   <translation>--objects 옆에 --pixel</translation>
  </message>
  <message>
   <source>nothing: polygons are compared exactly</source>
   <translation>쓰지 않음: 폴리곤은 정확히 비교됩니다</translation>
  </message>
  <message>
   <source>--boundary {boundary} beside --objects</source>
   <translation>--objects 옆에 --boundary {boundary}</translation>
  </message>
  <message>
   <source>nothing: borders are not compared</source>
   <translation>쓰지 않음: 경계는 비교하지 않습니다</translation>
  </message>
  <message>
   <source>--scene with several pairs</source>
   <translation>여러 쌍에 --scene</translation>
  </message>
  <message>
   <source>one pair</source>
   <translation>한 쌍</translation>
  </message>
  <message>
   <source>evaluate each by itself</source>
   <translation>각각 따로 평가하세요</translation>
  </message>
  <message>
   <source>the truth {truth} has no object that counts</source>
   <translation>참값 {truth}에 셀 수 있는 객체가 없습니다</translation>
  </message>
  <message>
   <source>at least one where the map is compared</source>
   <translation>지도가 비교되는 곳에 하나 이상</translation>
  </message>
  <message>
   <source>look at both in QGIS: classes that are left out, crowds, the area of interest</source>
   <translation>둘을 QGIS에서 살펴보세요: 제외된 클래스, 무리, 관심 영역</translation>
  </message>
  <message>
   <source>{mapped} against {truth}</source>
   <translation>{mapped} 대 {truth}</translation>
  </message>
  <message>
   <source>all objects are of one class</source>
   <translation>모든 객체가 한 클래스입니다</translation>
  </message>
  <message>
   <source>--{name}-classes FILE.tif</source>
   <translation>--{name}-classes FILE.tif</translation>
  </message>
  <message>
   <source>--{name}-column NAME</source>
   <translation>--{name}-column NAME</translation>
  </message>
  <message>
   <source>the {name} {path} tells no classes, and the {side} {path2} does</source>
   <translation>{name} 쪽 {path}에는 클래스가 없고 {side} 쪽 {path2}에는 있습니다</translation>
  </message>
  <message>
   <source>classes on both sides, or on none</source>
   <translation>양쪽 모두에 클래스가 있거나 양쪽 모두에 없음</translation>
  </message>
  <message>
   <source>name them with {how}, or leave classes out of account with --any-class</source>
   <translation>{how}(으)로 지정하거나 --any-class로 클래스를 고려하지 마세요</translation>
  </message>
  <message>
   <source>{option}-classes {beside} beside polygons</source>
   <translation>폴리곤 옆에 {option}-classes {beside}</translation>
  </message>
  <message>
   <source>a raster of object numbers</source>
   <translation>객체 번호 래스터</translation>
  </message>
  <message>
   <source>name the column that holds the class with {option}-column</source>
   <translation>클래스가 든 열을 {option}-column으로 지정하세요</translation>
  </message>
  <message>
   <source>{path} has no column {column}</source>
   <translation>{path}에 {column} 열이 없습니다</translation>
  </message>
  <message>
   <source>one of {none}</source>
   <translation>{none} 중 하나</translation>
  </message>
  <message>
   <source>{beside} does not lie on the grid of {path}</source>
   <translation>{beside}이(가) {path}의 격자 위에 있지 않습니다</translation>
  </message>
  <message>
   <source>the class raster that was written with the object numbers</source>
   <translation>객체 번호와 함께 쓰인 클래스 래스터</translation>
  </message>
  <message>
   <source>--confidence beside objects that are no rasters on one grid</source>
   <translation>같은 격자의 래스터가 아닌 객체 옆에 --confidence</translation>
  </message>
  <message>
   <source>polygons with a column that tells how sure each is (--score-column)</source>
   <translation>각각 얼마나 확실한지 알려 주는 열이 있는 폴리곤(--score-column)</translation>
  </message>
  <message>
   <source>{path} and {path2} do not lie on one grid</source>
   <translation>{path}과(와) {path2}이(가) 같은 격자 위에 있지 않습니다</translation>
  </message>
  <message>
   <source>class rasters and object numbers of map and truth on the same pixels</source>
   <translation>같은 픽셀 위에 있는 지도와 참값의 클래스 래스터와 객체 번호</translation>
  </message>
  <message>
   <source>bring one to the other's, such as with gdalwarp -r near -te ... -tr ...; or compare polygons</source>
   <translation>gdalwarp -r near -te ... -tr ... 등으로 하나를 다른 것의 격자로 옮기거나, 폴리곤을 비교하세요</translation>
  </message>
  <message>
   <source>say with --rename TRUTH=MAP what they are, with --missing count or ignore what to do, or leave classes out of account with --any-class</source>
   <translation>--rename TRUTH=MAP으로 무엇인지, --missing count 또는 ignore로 어떻게 할지 알려 주거나, --any-class로 클래스를 고려하지 마세요</translation>
  </message>
  <message>
   <source>{path} and {path2} are of different sizes, and one has no CRS</source>
   <translation>{path}과(와) {path2}의 크기가 다르고 하나에는 좌표계가 없습니다</translation>
  </message>
  <message>
   <source>rasters of the same pixels, or both with a CRS</source>
   <translation>픽셀이 같은 래스터, 또는 둘 다 좌표계가 있음</translation>
  </message>
  <message>
   <source>--sizes in px, and polygons have no pixels</source>
   <translation>--sizes가 px인데 폴리곤에는 픽셀이 없습니다</translation>
  </message>
  <message>
   <source>square metres, such as 50,500m2</source>
   <translation>제곱미터(예: 50,500m2)</translation>
  </message>
  <message>
   <source>--sizes in m2, and nothing tells how large the pixels are</source>
   <translation>--sizes가 m2인데 픽셀의 크기를 알 수 없습니다</translation>
  </message>
  <message>
   <source>pixels, such as 1024,9216px</source>
   <translation>픽셀(예: 1024,9216px)</translation>
  </message>
  <message>
   <source>How it was compared</source>
   <translation>비교 방법</translation>
  </message>
  <message>
   <source>the table {path} holds no pairs</source>
   <translation>표 {path}에 짝이 없습니다</translation>
  </message>
  <message>
   <source>a line of heads, map,truth, and a line for each pair</source>
   <translation>머리글 map,truth 한 줄과 짝마다 한 줄</translation>
  </message>
  <message>
   <source>the table {path} has no column {lacking}</source>
   <translation>표 {path}에 {lacking} 열이 없습니다</translation>
  </message>
  <message>
   <source>map,truth[,confidence]</source>
   <translation>map,truth[,confidence]</translation>
  </message>
  <message>
   <source>the table {path} lacks a map or a truth in line {short}</source>
   <translation>표 {path}의 {short} 줄에 지도나 참값이 없습니다</translation>
  </message>
  <message>
   <source>no file of {maps} has the name of a file of {truths}</source>
   <translation>{maps}의 어느 파일도 {truths}의 파일과 이름이 같지 않습니다</translation>
  </message>
  <message>
   <source>maps and truths named alike but for the suffix, or --pairs FILE.csv</source>
   <translation>확장자만 다르고 이름이 같은 지도와 참값, 또는 --pairs FILE.csv</translation>
  </message>
  <message>
   <source>the pairs {path} cannot be read: {strerror}</source>
   <translation>짝 {path}을(를) 읽을 수 없습니다: {strerror}</translation>
  </message>
  <message>
   <source>the pairs {path} are not CSV: {error}</source>
   <translation>짝 {path}은(는) CSV가 아닙니다: {error}</translation>
  </message>
  <message>
   <source>a table with the columns map and truth</source>
   <translation>map과 truth 열이 있는 표</translation>
  </message>
  <message>
   <source>{alone} files of {folder} have no partner: {alone2}</source>
   <translation>{folder}의 파일 {alone}개에 짝이 없습니다: {alone2}</translation>
  </message>
  <message>
   <source>{stem} and {path} have the same name but for the suffix</source>
   <translation>{stem}과(와) {path}은(는) 확장자만 다르고 이름이 같습니다</translation>
  </message>
  <message>
   <source>name the pairs in a table: --pairs FILE.csv</source>
   <translation>짝을 표에 적으세요: --pairs FILE.csv</translation>
  </message>
  <message>
   <source>--{value} without --objects</source>
   <translation>--objects 없이 --{value}</translation>
  </message>
  <message>
   <source>--objects, where MAP and TRUTH hold objects</source>
   <translation>MAP과 TRUTH에 객체가 있으면 --objects</translation>
  </message>
  <message>
   <source>--confidence beside --model</source>
   <translation>--model 옆에 --confidence</translation>
  </message>
  <message>
   <source>one of the two: the model makes its own confidence</source>
   <translation>둘 중 하나: 모델은 신뢰도를 스스로 만듭니다</translation>
  </message>
  <message>
   <source>{files} files were given</source>
   <translation>파일 {files}개가 주어졌습니다</translation>
  </message>
  <message>
   <source>MAP and TRUTH, or --pairs FILE.csv, or --areas SAMPLE.gpkg</source>
   <translation>MAP과 TRUTH, 또는 --pairs FILE.csv, 또는 --areas SAMPLE.gpkg</translation>
  </message>
  <message>
   <source>--model beside --objects</source>
   <translation>--objects 옆에 --model</translation>
  </message>
  <message>
   <source>maps of objects that are there</source>
   <translation>이미 있는 객체 지도</translation>
  </message>
  <message>
   <source>make them first with geoseg predict</source>
   <translation>먼저 geoseg predict로 만드세요</translation>
  </message>
  <message>
   <source>--{strange} without --model</source>
   <translation>--model 없이 --{strange}</translation>
  </message>
  <message>
   <source>--model, where MAP is a scene</source>
   <translation>MAP이 장면이면 --model</translation>
  </message>
  <message>
   <source>--matches {matches}</source>
   <translation>--matches {matches}</translation>
  </message>
  <message>
   <source>--areas beside --objects</source>
   <translation>--objects 옆에 --areas</translation>
  </message>
  <message>
   <source>one of the two</source>
   <translation>둘 중 하나</translation>
  </message>
  <message>
   <source>--areas takes no map beside it</source>
   <translation>--areas는 옆에 지도를 받지 않습니다</translation>
  </message>
  <message>
   <source>geoseg evaluate --areas SAMPLE.gpkg</source>
   <translation>geoseg evaluate --areas SAMPLE.gpkg</translation>
  </message>
  <message>
   <source>--{options} without --model</source>
   <translation>--model 없이 --{options}</translation>
  </message>
  <message>
   <source>--pairs takes no map beside it</source>
   <translation>--pairs는 옆에 지도를 받지 않습니다</translation>
  </message>
  <message>
   <source>the table alone: it has the columns map, truth, confidence</source>
   <translation>표만: map, truth, confidence 열이 있음</translation>
  </message>
  <message>
   <source>--confidence with two folders</source>
   <translation>폴더 두 개와 함께 --confidence</translation>
  </message>
  <message>
   <source>--pairs FILE.csv with the columns map, truth, confidence</source>
   <translation>map, truth, confidence 열이 있는 --pairs FILE.csv</translation>
  </message>
  <message>
   <source>--{value} with several pairs</source>
   <translation>여러 쌍에 --{value}</translation>
  </message>
  <message>
   <source>--pairs FILE.csv with the column {name}</source>
   <translation>{name} 열이 있는 --pairs FILE.csv</translation>
  </message>
  <message>
   <source>--raster {raster}</source>
   <translation>--raster {raster}</translation>
  </message>
  <message>
   <source>a name that ends in one of {known}</source>
   <translation>다음 중 하나로 끝나는 이름: {known}</translation>
  </message>
  <message>
   <source>--out {out} and --raster {raster} both name a raster</source>
   <translation>--out {out}과 --raster {raster}가 모두 래스터 이름입니다</translation>
  </message>
  <message>
   <source>one of them, or --out with the name of a vector file</source>
   <translation>둘 중 하나, 또는 벡터 파일 이름을 준 --out</translation>
  </message>
  <message>
   <source>--model, where the files are scenes</source>
   <translation>파일이 장면이면 --model</translation>
  </message>
  <message>
   <source>mapping {scene}</source>
   <translation>{scene}의 지도를 만드는 중</translation>
  </message>
  <message>
   <source>{count} polygons in {polygons}</source>
   <translation>{polygons}에 폴리곤 {count}개</translation>
  </message>
  <message>
   <source>make one with gdal_rasterize</source>
   <translation>gdal_rasterize로 만드세요</translation>
  </message>
  <message>
   <source>the map {path} holds no class: all its pixels are nodata</source>
   <translation>지도 {path}에 클래스가 없습니다: 모든 픽셀이 nodata입니다</translation>
  </message>
  <message>
   <source>a GeoPackage that `geoseg sample` wrote, with its column truth filled in</source>
   <translation>truth 열을 채운, `geoseg sample`이 쓴 GeoPackage</translation>
  </message>
  <message>
   <source>no point of {path} has a class in its column truth</source>
   <translation>{path}의 truth 열에 클래스가 있는 점이 없습니다</translation>
  </message>
  <message>
   <source>the layer {layer} of {path} is no sample</source>
   <translation>{path}의 레이어 {layer}은(는) 표본이 아닙니다</translation>
  </message>
  <message>
   <source>{path} does not exist</source>
   <translation>{path}이(가) 없습니다</translation>
  </message>
  <message>
   <source>{path} holds no strata with their sizes, or no points</source>
   <translation>{path}에 크기가 있는 층이 없거나 점이 없습니다</translation>
  </message>
  <message>
   <source>{path}: a point is of stratum {stratum}, of which the file tells no size</source>
   <translation>{path}: 점 하나가 층 {stratum}의 것인데, 파일에 그 크기가 없습니다</translation>
  </message>
  <message>
   <source>{path} is no sample: {error}</source>
   <translation>{path}은(는) 표본이 아닙니다: {error}</translation>
  </message>
  <message>
   <source>--standard-error {standard_error}</source>
   <translation>--standard-error {standard_error}</translation>
  </message>
  <message>
   <source>a share above 0 and below 1, such as 0.01</source>
   <translation>0보다 크고 1보다 작은 비율, 예: 0.01</translation>
  </message>
  <message>
   <source>--allocation {how}</source>
   <translation>--allocation {how}</translation>
  </message>
  <message>
   <source>one of {allocation}</source>
   <translation>{allocation} 중 하나</translation>
  </message>
  <message>
   <source>{points} points are too few for {minimum} in each of {sizes} classes</source>
   <translation>점 {points}개는 클래스 {sizes}개에 {minimum}개씩 나누기에 모자랍니다</translation>
  </message>
  <message>
   <source>at least {sum} points, or a smaller --minimum</source>
   <translation>점 {sum}개 이상, 또는 더 작은 --minimum</translation>
  </message>
  <message>
   <source>{points} points, and the map has {sum} pixels</source>
   <translation>점은 {points}개인데 지도의 픽셀은 {sum}개입니다</translation>
  </message>
  <message>
   <source>fewer points than pixels</source>
   <translation>픽셀보다 적은 점</translation>
  </message>
  <message>
   <source>--expect {text}</source>
   <translation>--expect {text}</translation>
  </message>
  <message>
   <source>a share from 0 to 1, such as 0.9 for all classes or water=0.95 for one</source>
   <translation>0에서 1까지의 비율. 모든 클래스에는 0.9, 하나에는 water=0.95처럼</translation>
  </message>
  <message>
   <source>--expect {text}: the map has no class {name}</source>
   <translation>--expect {text}: 지도에 클래스 {name}이(가) 없습니다</translation>
  </message>
  <message>
   <source>one of {names}</source>
   <translation>{names} 중 하나</translation>
  </message>
  <message>
   <source>overall accuracy  {else}   (intervals of 95 %, {sum} points, Olofsson et al. 2014)</source>
   <translation>전체 정확도  {else}   (95 % 구간, 점 {sum}개, Olofsson 등 2014)</translation>
  </message>
  <message>
   <source>AOI from {path}</source>
   <translation>{path}의 관심 영역</translation>
  </message>
  <message>
   <source>; {missing} features without a shape left out</source>
   <translation>; 도형이 없는 피처 {missing}개를 뺌</translation>
  </message>
  <message>
   <source>the AOI reaches from {west} to {east} and {south} to {north}</source>
   <translation>AOI의 범위가 {west}~{east}, {south}~{north}입니다</translation>
  </message>
  <message>
   <source>longitudes from -180 to 180 and latitudes from -90 to 90</source>
   <translation>-180~180의 경도와 -90~90의 위도</translation>
  </message>
  <message>
   <source>say its CRS, such as EPSG:32633;POLYGON ((...))</source>
   <translation>EPSG:32633;POLYGON ((...))처럼 좌표계를 지정하십시오</translation>
  </message>
  <message>
   <source>the AOI {path} is neither a file nor WKT</source>
   <translation>관심 영역 {path}은(는) 파일도 WKT도 아닙니다</translation>
  </message>
  <message>
   <source>a vector file, or such as POLYGON ((x y, x y, x y, x y))</source>
   <translation>벡터 파일, 또는 POLYGON ((x y, x y, x y, x y)) 같은 것</translation>
  </message>
  <message>
   <source>{name} is empty</source>
   <translation>{name}이(가) 비어 있습니다</translation>
  </message>
  <message>
   <source>at least one polygon</source>
   <translation>폴리곤 하나 이상</translation>
  </message>
  <message>
   <source>the AOI is in {crs}, and the scene has no CRS</source>
   <translation>관심 영역은 {crs}인데 장면에는 좌표계가 없습니다</translation>
  </message>
  <message>
   <source>a CRS</source>
   <translation>좌표계</translation>
  </message>
  <message>
   <source>an AOI in the scene's own coordinates</source>
   <translation>장면 자신의 좌표로 된 관심 영역</translation>
  </message>
  <message>
   <source>parts of the AOI have no coordinates in the scene's CRS</source>
   <translation>관심 영역의 일부는 장면의 좌표계에 좌표가 없습니다</translation>
  </message>
  <message>
   <source>an area near the scene</source>
   <translation>장면 가까이의 영역</translation>
  </message>
  <message>
   <source>the AOI lies outside the scene</source>
   <translation>관심 영역이 장면 밖에 있습니다</translation>
  </message>
  <message>
   <source>an area that shares pixels with x {west} to {east}, y {south} to {north} in the scene's CRS</source>
   <translation>장면의 좌표계에서 x {west}에서 {east}, y {south}에서 {north}와 픽셀을 나누는 영역</translation>
  </message>
  <message>
   <source>the AOI {aoi} has no CRS</source>
   <translation>AOI {aoi}에 좌표계가 없습니다</translation>
  </message>
  <message>
   <source>one that says where on Earth it lies</source>
   <translation>지구상의 위치를 알려 주는 좌표계</translation>
  </message>
  <message>
   <source>set it with ogr2ogr -a_srs</source>
   <translation>ogr2ogr -a_srs로 정하세요</translation>
  </message>
  <message>
   <source>the AOI is not valid WKT of straight lines: {error}</source>
   <translation>관심 영역이 직선의 올바른 WKT가 아닙니다: {error}</translation>
  </message>
  <message>
   <source>such as POLYGON ((x y, x y, x y, x y))</source>
   <translation>예: POLYGON ((x y, x y, x y, x y))</translation>
  </message>
  <message>
   <source>the AOI {path} has no CRS, and does not lie within the scene in the scene's</source>
   <translation>관심 영역 {path}에 좌표계가 없고, 장면의 좌표계로는 장면 안에 있지 않습니다</translation>
  </message>
  <message>
   <source>a file with a CRS</source>
   <translation>좌표계가 있는 파일</translation>
  </message>
  <message>
   <source>the AOI cannot be brought to the scene's CRS: {splitlines}</source>
   <translation>관심 영역을 장면의 좌표계로 옮길 수 없습니다: {splitlines}</translation>
  </message>
  <message>
   <source>{path} holds no features</source>
   <translation>{path}에 피처가 없습니다</translation>
  </message>
  <message>
   <source>polygons with a column of classes</source>
   <translation>클래스 열이 있는 폴리곤</translation>
  </message>
  <message>
   <source>no feature of {path} meets the scene or map that it belongs to</source>
   <translation>{path}의 피처가 하나도 자신의 장면이나 지도와 만나지 않습니다</translation>
  </message>
  <message>
   <source>polygons with a class in {bounds} of its CRS</source>
   <translation>그 좌표계에서 {bounds} 안의, 클래스가 있는 폴리곤</translation>
  </message>
  <message>
   <source>look at both in QGIS: is it the right pair, and the right CRS?</source>
   <translation>둘을 QGIS에서 보세요. 맞는 짝이고 맞는 좌표계인가요?</translation>
  </message>
  <message>
   <source>{path} numbers a feature {max}</source>
   <translation>{path}의 피처 번호가 {max}입니다</translation>
  </message>
  <message>
   <source>32 bits</source>
   <translation>32비트</translation>
  </message>
  <message>
   <source>which column of {path} holds the class cannot be told: it has {columns}</source>
   <translation>{path}의 어느 열에 클래스가 있는지 알 수 없습니다. 있는 열: {columns}</translation>
  </message>
  <message>
   <source>name it with {option}</source>
   <translation>{option}(으)로 지정하세요</translation>
  </message>
  <message>
   <source>{path} has no column {wanted}</source>
   <translation>{path}에 {wanted} 열이 없습니다</translation>
  </message>
  <message>
   <source>{path} holds no features with a shape</source>
   <translation>{path}에 도형이 있는 피처가 없습니다</translation>
  </message>
  <message>
   <source>polygons or points with a class</source>
   <translation>클래스가 있는 폴리곤 또는 점</translation>
  </message>
  <message>
   <source>{path} has coordinates that are not finite numbers</source>
   <translation>{path}에 유한한 수가 아닌 좌표가 있습니다</translation>
  </message>
  <message>
   <source>the labels {path} hold the values [{shown}]</source>
   <translation>레이블 {path}에 값 [{shown}]이(가) 있습니다</translation>
  </message>
  <message>
   <source>classes of the card ({indices}), or the nodata of the file</source>
   <translation>카드의 클래스({indices}), 또는 파일의 nodata</translation>
  </message>
  <message>
   <source>name them with --ignore (data.ignore) if they mean unlabelled ("*" for all other values)</source>
   <translation>레이블 없음이라는 뜻이면 --ignore(data.ignore)에 적으세요("*"은 다른 모든 값)</translation>
  </message>
  <message>
   <source>{path} shares no ground with its scene or map: it covers {north}</source>
   <translation>{path}은(는) 자신의 장면이나 지도와 땅을 나누지 않습니다. 덮는 범위: {north}</translation>
  </message>
  <message>
   <source>data that meet the other, which covers {scene} in its CRS</source>
   <translation>다른 쪽과 만나는 자료. 그 범위는 그 좌표계에서 {scene}</translation>
  </message>
  <message>
   <source>{path} has a coordinate reference system, but no place in it</source>
   <translation>{path}에 좌표계는 있지만 그 안의 위치가 없습니다</translation>
  </message>
  <message>
   <source>{path} has {bands} bands of {dtypes}</source>
   <translation>{path}의 밴드는 {dtypes} 형의 {bands}개입니다</translation>
  </message>
  <message>
   <source>{wanted} of uint8, one per class</source>
   <translation>클래스마다 하나씩, uint8 {wanted}</translation>
  </message>
  <message>
   <source>1 band of class values</source>
   <translation>클래스 값의 밴드 1개</translation>
  </message>
  <message>
   <source>for a mask of colours, give each class its colour as a source</source>
   <translation>색 마스크라면 클래스마다 색을 출처로 주세요</translation>
  </message>
  <message>
   <source>{name} has {width} rows and columns</source>
   <translation>{name}의 행과 열은 {width}입니다</translation>
  </message>
  <message>
   <source>{width}, like what it belongs to: one of the two has no CRS</source>
   <translation>짝이 되는 것처럼 {width}: 둘 중 하나에 좌표계가 없습니다</translation>
  </message>
  <message>
   <source>{path} cannot be brought to the CRS of its scene or map: {error}</source>
   <translation>{path}을(를) 그 장면이나 지도의 좌표계로 옮길 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>the last band of {path} is marked as alpha, and its grid is not that of its scene</source>
   <translation>{path}의 마지막 밴드가 알파로 표시되어 있고, 그 격자가 영상의 격자와 다릅니다</translation>
  </message>
  <message>
   <source>bands of shares</source>
   <translation>비율 밴드</translation>
  </message>
  <message>
   <source>write it anew with the creation options ALPHA=NO and PHOTOMETRIC=MINISBLACK</source>
   <translation>생성 옵션 ALPHA=NO와 PHOTOMETRIC=MINISBLACK으로 다시 쓰십시오</translation>
  </message>
  <message>
   <source>polygons alone, or points alone</source>
   <translation>폴리곤만, 또는 점만</translation>
  </message>
  <message>
   <source>name it, as in {example}</source>
   <translation>{example}처럼 지정하세요</translation>
  </message>
  <message>
   <source> or with {option}</source>
   <translation> 또는 {option}(으)로</translation>
  </message>
  <message>
   <source>{name} is of {told}</source>
   <translation>{name}은(는) {told}입니다</translation>
  </message>
  <message>
   <source>draw areas, or buffer these; what is not meant, take out</source>
   <translation>영역을 그리거나 이것들에 버퍼를 두세요. 뜻하지 않은 것은 빼세요</translation>
  </message>
  <message>
   <source>{path} is filtered: {subset}</source>
   <translation>{path}에 필터가 걸려 있습니다: {subset}</translation>
  </message>
  <message>
   <source>a layer of a file, whole</source>
   <translation>파일의 레이어 전체</translation>
  </message>
  <message>
   <source>export what the filter leaves to a file of its own</source>
   <translation>필터가 남기는 것을 따로 파일로 내보내세요</translation>
  </message>
  <message>
   <source>{text} and {option} {wanted} name two layers</source>
   <translation>{text}과(와) {option} {wanted}이(가) 두 레이어를 가리킵니다</translation>
  </message>
  <message>
   <source>{path} holds no layer with geometries</source>
   <translation>{path}에 도형이 있는 레이어가 없습니다</translation>
  </message>
  <message>
   <source>polygons or points</source>
   <translation>폴리곤 또는 점</translation>
  </message>
  <message>
   <source>{name} has coordinates that are not finite numbers</source>
   <translation>{name}에 유한한 수가 아닌 좌표가 있습니다</translation>
  </message>
  <message>
   <source>{path} is GeoParquet, which the GDAL of the installed pyogrio cannot read</source>
   <translation>{path}은(는) GeoParquet인데, 설치된 pyogrio의 GDAL이 읽지 못합니다</translation>
  </message>
  <message>
   <source>GeoPackage, FlatGeobuf, GeoJSON, shapefile, GML or KML</source>
   <translation>GeoPackage, FlatGeobuf, GeoJSON, shapefile, GML 또는 KML</translation>
  </message>
  <message>
   <source>convert it, such as with geopandas.read_parquet(FILE).to_file('labels.gpkg')</source>
   <translation>변환하세요. 예: geopandas.read_parquet(FILE).to_file('labels.gpkg')</translation>
  </message>
  <message>
   <source>{text} names no layer</source>
   <translation>{text}에 레이어가 지정되지 않았습니다</translation>
  </message>
  <message>
   <source>FILE|layername=NAME</source>
   <translation>FILE|layername=NAME</translation>
  </message>
  <message>
   <source>{path} has no layer number {layer}</source>
   <translation>{path}에 번호 {layer}의 레이어가 없습니다</translation>
  </message>
  <message>
   <source>one of 0 to {found}</source>
   <translation>0에서 {found} 중 하나</translation>
  </message>
  <message>
   <source>{name} holds a shape that cannot be read: {splitlines}</source>
   <translation>{name}에 읽을 수 없는 도형이 있습니다: {splitlines}</translation>
  </message>
  <message>
   <source>points or polygons</source>
   <translation>점 또는 폴리곤</translation>
  </message>
  <message>
   <source>make plain polygons of it: ogr2ogr -nlt CONVERT_TO_LINEAR -makevalid</source>
   <translation>보통의 폴리곤으로 만드세요: ogr2ogr -nlt CONVERT_TO_LINEAR -makevalid</translation>
  </message>
  <message>
   <source>{path} holds text that is not in its encoding, {encoding}: {error}</source>
   <translation>{path}에 인코딩 {encoding}에 맞지 않는 글이 있습니다: {error}</translation>
  </message>
  <message>
   <source>text in UTF-8</source>
   <translation>UTF-8 글</translation>
  </message>
  <message>
   <source>write it anew in the encoding that it has, such as ogr2ogr -oo ENCODING=CP1252 NEW.gpkg OLD.shp; of a shapefile also the .cpg file may name a wrong one</source>
   <translation>실제 인코딩으로 다시 쓰세요. 예: ogr2ogr -oo ENCODING=CP1252 NEW.gpkg OLD.shp. shapefile에서는 .cpg 파일이 잘못되었을 수도 있습니다</translation>
  </message>
  <message>
   <source>{path} cannot be read as vector data: {splitlines}</source>
   <translation>{path}을(를) 벡터 자료로 읽을 수 없습니다: {splitlines}</translation>
  </message>
  <message>
   <source>{path} was being written when that program ended: {path2}-journal lies beside it</source>
   <translation>{path}을(를) 쓰던 프로그램이 끝났습니다: {path2}-journal이 옆에 있습니다</translation>
  </message>
  <message>
   <source>a file that is whole</source>
   <translation>온전한 파일</translation>
  </message>
  <message>
   <source>let SQLite take back what was begun: ogrinfo -update {path}, or open the layer once for editing in QGIS</source>
   <translation>SQLite가 시작된 것을 되돌리게 하십시오: ogrinfo -update {path}, 또는 QGIS에서 레이어를 한 번 편집용으로 여십시오</translation>
  </message>
  <message>
   <source>{path} has no column {lacking}</source>
   <translation>{path}에 {lacking} 열이 없습니다</translation>
  </message>
  <message>
   <source>column {column} of {path} has no number for {sum} features</source>
   <translation>{path}의 {column} 열에 {sum}개 피처의 숫자가 없습니다</translation>
  </message>
  <message>
   <source>a number for each</source>
   <translation>각각에 숫자 하나</translation>
  </message>
  <message>
   <source>the objects have no CRS, so that nothing tells their square metres</source>
   <translation>객체에 좌표계가 없어 제곱미터를 알 수 없습니다</translation>
  </message>
  <message>
   <source>sizes in the squares of their own unit</source>
   <translation>자체 단위의 제곱으로 된 크기</translation>
  </message>
  <message>
   <source>column {column} of {path} holds what is no number</source>
   <translation>{path}의 {column} 열에 숫자가 아닌 것이 있습니다</translation>
  </message>
  <message>
   <source>a number for each feature</source>
   <translation>피처마다 숫자 하나</translation>
  </message>
  <message>
   <source>{path} holds {min}</source>
   <translation>{path}에 {min} 값이 있습니다</translation>
  </message>
  <message>
   <source>numbers of objects, 0 where none is</source>
   <translation>객체 번호, 객체가 없는 곳은 0</translation>
  </message>
  <message>
   <source>{path} has {count} bands of {dtypes}</source>
   <translation>{path}에 {dtypes} 밴드가 {count}개 있습니다</translation>
  </message>
  <message>
   <source>one band of numbers of objects, {types}</source>
   <translation>객체 번호의 밴드 하나, {types}</translation>
  </message>
  <message>
   <source>{path} holds {infos} files</source>
   <translation>{path}에 파일이 {infos}개 있습니다</translation>
  </message>
  <message>
   <source>at most {most_files}</source>
   <translation>최대 {most_files}개</translation>
  </message>
  <message>
   <source>{path} would swell from {packed} to {size} bytes</source>
   <translation>{path}이(가) {packed}바이트에서 {size}바이트로 부풀게 됩니다</translation>
  </message>
  <message>
   <source>at most {most_ratio} times as many</source>
   <translation>최대 {most_ratio}배</translation>
  </message>
  <message>
   <source>do not trust this file</source>
   <translation>이 파일을 믿지 마세요</translation>
  </message>
  <message>
   <source>a zip</source>
   <translation>zip 파일</translation>
  </message>
  <message>
   <source>{path} is no sound zip: {error}</source>
   <translation>{path}은(는) 온전한 zip이 아닙니다: {error}</translation>
  </message>
  <message>
   <source>an archive as it was made</source>
   <translation>만들어진 그대로의 보관 파일</translation>
  </message>
  <message>
   <source>{path} holds {filename}, which {told}</source>
   <translation>{path}에 {filename}이(가) 있습니다: {told}</translation>
  </message>
  <message>
   <source>plain files under names of their own</source>
   <translation>저마다 이름이 있는 보통 파일</translation>
  </message>
  <message>
   <source>the network does not end in a convolution from features to its classes</source>
   <translation>신경망의 마지막이 특징에서 클래스로 가는 합성곱이 아닙니다</translation>
  </message>
  <message>
   <source>start from another model, or from nothing: --start none</source>
   <translation>다른 모델에서 시작하거나, 처음부터 시작하세요: --start none</translation>
  </message>
  <message>
   <source>--export {target}</source>
   <translation>--export {target} 옵션</translation>
  </message>
  <message>
   <source>a name that ends in .zip</source>
   <translation>.zip으로 끝나는 이름</translation>
  </message>
  <message>
   <source>the scene {name} is missing: {missing}</source>
   <translation>장면 {name}이(가) 없습니다: {missing}</translation>
  </message>
  <message>
   <source>{source} holds a {name} that </source>
   <translation>{source} 안의 {name}: </translation>
  </message>
  <message>
   <source>is damaged: {told}</source>
   <translation>손상되었습니다: {told}</translation>
  </message>
  <message>
   <source>has views: {views}</source>
   <translation>뷰가 있습니다: {views}</translation>
  </message>
  <message>
   <source>a GeoPackage as geoseg label --export wrote it</source>
   <translation>geoseg label --export가 쓴 그대로의 GeoPackage</translation>
  </message>
  <message>
   <source>{source} holds no {file}</source>
   <translation>{source}에 {file}이(가) 없습니다</translation>
  </message>
  <message>
   <source>what geoseg label --export wrote</source>
   <translation>geoseg label --export가 쓴 것</translation>
  </message>
  <message>
   <source>the scene {name} is {folder}: {file}</source>
   <translation>장면 {name}은(는) {folder}입니다: {file}</translation>
  </message>
  <message>
   <source>an address</source>
   <translation>주소</translation>
  </message>
  <message>
   <source>a folder</source>
   <translation>폴더</translation>
  </message>
  <message>
   <source>files, for --with-scenes</source>
   <translation>--with-scenes에는 파일</translation>
  </message>
  <message>
   <source>export without it, and say on the other desk where the scene lies</source>
   <translation>그것 없이 내보내고, 받는 쪽에서 장면이 어디 있는지 알려 주세요</translation>
  </message>
  <message>
   <source>{source} holds a {name} that is damaged: {error}</source>
   <translation>{source} 안의 {name}이(가) 손상되었습니다: {error}</translation>
  </message>
  <message>
   <source>--classes {text} names {labels} class</source>
   <translation>--classes {text}에 클래스가 {labels}개뿐입니다</translation>
  </message>
  <message>
   <source>two or more: {forms}</source>
   <translation>둘 이상: {forms}</translation>
  </message>
  <message>
   <source>--classes names {sets}</source>
   <translation>--classes가 {sets}을(를) 말합니다</translation>
  </message>
  <message>
   <source>one class for each name</source>
   <translation>이름마다 클래스 하나</translation>
  </message>
  <message>
   <source>what may be one of several is not labelled, or is a class of its own</source>
   <translation>여럿 중 하나일 수 있는 것은 라벨하지 않거나 따로 클래스를 두세요</translation>
  </message>
  <message>
   <source>--classes {text}: {found}</source>
   <translation>--classes {text}: {found}</translation>
  </message>
  <message>
   <source>--classes {text}: {error}</source>
   <translation>--classes {text}: {error}</translation>
  </message>
  <message>
   <source>{path} declares a document type, as no file of CVAT does</source>
   <translation>{path}이(가) 문서 형식(DTD)을 선언합니다. CVAT 파일은 그러지 않습니다</translation>
  </message>
  <message>
   <source>annotations as CVAT exports them</source>
   <translation>CVAT가 내보내는 주석</translation>
  </message>
  <message>
   <source>{path} is no whole XML: {error}</source>
   <translation>{path}은(는) 온전한 XML이 아닙니다: {error}</translation>
  </message>
  <message>
   <source>the picture {name} is {scene} of the workspace ({known}), and lies in none of {folder}</source>
   <translation>그림 {name}은(는) 작업 폴더의 {scene}이고({known}), {folder} 어디에도 없습니다</translation>
  </message>
  <message>
   <source>several scenes</source>
   <translation>여러 장면</translation>
  </message>
  <message>
   <source>no scene</source>
   <translation>장면 없음</translation>
  </message>
  <message>
   <source>no folder</source>
   <translation>폴더 없음</translation>
  </message>
  <message>
   <source>a picture called as a scene is, or a chip that says where it lies</source>
   <translation>장면과 이름이 같은 그림, 또는 놓인 곳을 말하는 조각</translation>
  </message>
  <message>
   <source>name the folder of the chips with --images</source>
   <translation>조각이 있는 폴더를 --images로 알려 주세요</translation>
  </message>
  <message>
   <source>the picture {name} was drawn on at {height} x {width} pixels, and what it shows has {height2} x {width2}</source>
   <translation>그림 {name}은(는) {height} x {width} 픽셀에서 그려졌는데, 보여 주는 것은 {height2} x {width2}입니다</translation>
  </message>
  <message>
   <source>annotations in the pixels of the scene, or of a chip that lies there</source>
   <translation>장면의 픽셀, 또는 그곳에 놓인 조각의 픽셀로 된 주석</translation>
  </message>
  <message>
   <source>put the picture as it was drawn on, with its georeference, into the folder of --images</source>
   <translation>그릴 때 쓴 그림을 좌표 정보와 함께 --images 폴더에 넣으세요</translation>
  </message>
  <message>
   <source>nothing tells where {chips} lies, and no scene is called {stems}</source>
   <translation>{chips}이(가) 어디에 놓이는지 알 수 없고, {stems}(이)라는 장면도 없습니다</translation>
  </message>
  <message>
   <source>a chip with a georeference or a world file, or one called as a scene is</source>
   <translation>좌표 정보나 월드 파일이 있는 조각, 또는 장면과 이름이 같은 조각</translation>
  </message>
  <message>
   <source>{chip} lies on none of the scenes</source>
   <translation>{chip}이(가) 어느 장면에도 놓이지 않습니다</translation>
  </message>
  <message>
   <source>a chip that was cut from one of them</source>
   <translation>그중 하나에서 잘라 낸 조각</translation>
  </message>
  <message>
   <source>{chip} has a place and no CRS, and lies in </source>
   <translation>{chip}은(는) 위치는 있으나 좌표계가 없고, 놓인 곳: </translation>
  </message>
  <message>
   <source>scenes of several CRSs</source>
   <translation>좌표계가 여럿인 장면</translation>
  </message>
  <message>
   <source>a chip inside of a scene</source>
   <translation>장면 안에 있는 조각</translation>
  </message>
  <message>
   <source>give it its CRS: gdal_edit.py -a_srs</source>
   <translation>좌표계를 지정하세요: gdal_edit.py -a_srs</translation>
  </message>
  <message>
   <source>--column or --layer with annotations of {kind}</source>
   <translation>{kind} 주석에 --column 또는 --layer</translation>
  </message>
  <message>
   <source>neither of them</source>
   <translation>둘 다 없이</translation>
  </message>
  <message>
   <source>it lacks {error}</source>
   <translation>{error}이(가) 빠져 있습니다</translation>
  </message>
  <message>
   <source>{path} holds {kinds} files of annotations</source>
   <translation>{path}에 주석 파일이 {kinds}개 있습니다</translation>
  </message>
  <message>
   <source>one</source>
   <translation>하나</translation>
  </message>
  <message>
   <source>unpack it, and name the file</source>
   <translation>압축을 풀고 파일을 지정하세요</translation>
  </message>
  <message>
   <source>a label {label} lies beside the picture {name}</source>
   <translation>라벨 {label}이(가) 그림 {name} 밖에 있습니다</translation>
  </message>
  <message>
   <source>shapes within {height} x {width} pixels</source>
   <translation>{height} x {width} 픽셀 안의 도형</translation>
  </message>
  <message>
   <source>no label of {source} lies on a scene of the workspace: they are in x {west} to {east}, y {south} to {north} of the labels' CRS</source>
   <translation>{source}의 라벨이 작업 폴더의 어느 장면에도 놓이지 않습니다. 라벨 좌표계로 x {west}~{east}, y {south}~{north}에 있습니다</translation>
  </message>
  <message>
   <source>labels on its scenes</source>
   <translation>그 장면들 위의 라벨</translation>
  </message>
  <message>
   <source>look at both in QGIS: is it the right file, and the right CRS?</source>
   <translation>둘을 QGIS에서 보세요. 파일과 좌표계가 맞습니까?</translation>
  </message>
  <message>
   <source>--map names {wrong}</source>
   <translation>--map에 {wrong}이(가) 있습니다</translation>
  </message>
  <message>
   <source>classes of the workspace: {known}</source>
   <translation>작업 폴더의 클래스: {known}</translation>
  </message>
  <message>
   <source>--map names {unused}, which {source} does not hold</source>
   <translation>--map의 {unused}은(는) {source}에 없습니다</translation>
  </message>
  <message>
   <source>{source} holds labels of {shown}</source>
   <translation>{source}에 {shown}의 라벨이 있습니다</translation>
  </message>
  <message>
   <source>say which is which, as in --map "Wasser=water"; --map "sky=" leaves some out</source>
   <translation>무엇이 무엇인지 알려 주세요. 예: --map "Wasser=water". --map "sky="는 제외합니다</translation>
  </message>
  <message>
   <source>{source} is of no form that is known</source>
   <translation>{source}은(는) 알려진 형식이 아닙니다</translation>
  </message>
  <message>
   <source>{path} is no sound {kind}: {found}</source>
   <translation>{path}은(는) 온전한 {kind}이(가) 아닙니다: {found}</translation>
  </message>
  <message>
   <source>annotations as {kind} exports them</source>
   <translation>{kind}이(가) 내보내는 주석</translation>
  </message>
  <message>
   <source>shapes with a class</source>
   <translation>클래스가 있는 도형</translation>
  </message>
  <message>
   <source>{path} has the columns {none}</source>
   <translation>{path}의 열: {none}</translation>
  </message>
  <message>
   <source>one called class</source>
   <translation>class라는 열</translation>
  </message>
  <message>
   <source>{where} holds labels of {strange}</source>
   <translation>{where}에 {strange}의 라벨이 있습니다</translation>
  </message>
  <message>
   <source>correct the labels, or add the class to the workspace</source>
   <translation>라벨을 고치거나 작업 폴더에 클래스를 추가하세요</translation>
  </message>
  <message>
   <source>{where} holds a width of {wrong}</source>
   <translation>{where}에 너비 {wrong}이(가) 있습니다</translation>
  </message>
  <message>
   <source>metres, 0 to {widest}</source>
   <translation>미터, 0에서 {widest}까지</translation>
  </message>
  <message>
   <source>{path} has no label of the number {number}</source>
   <translation>{path}에 번호 {number}인 라벨이 없습니다</translation>
  </message>
  <message>
   <source>one that is there</source>
   <translation>있는 것</translation>
  </message>
  <message>
   <source>{path} holds a shape that cannot be read: {error}</source>
   <translation>{path}에 읽을 수 없는 도형이 있습니다: {error}</translation>
  </message>
  <message>
   <source>{path} was being written when that program ended, and cannot be made whole: {error}</source>
   <translation>{path}을(를) 쓰던 프로그램이 끝났고, 온전하게 되돌릴 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>a file and folder that may be written, as {name}-journal belongs to it</source>
   <translation>쓸 수 있는 파일과 폴더. {name}-journal이 거기에 속하기 때문입니다</translation>
  </message>
  <message>
   <source>{path} is being written by another program</source>
   <translation>다른 프로그램이 {path}을(를) 쓰고 있습니다</translation>
  </message>
  <message>
   <source>save or end the editing there, then do this again</source>
   <translation>그쪽에서 저장하거나 편집을 끝낸 뒤 다시 하세요</translation>
  </message>
  <message>
   <source>its last layer fitted to them, all else as it was</source>
   <translation>마지막 층만 맞추고 나머지는 그대로 두었습니다</translation>
  </message>
  <message>
   <source>the whole network learned from those that are not held out, its last layer fitted to all</source>
   <translation>남겨 두지 않은 레이블로 신경망 전체를 학습하고, 마지막 층은 모든 레이블에 맞추었습니다</translation>
  </message>
  <message>
   <source>labels that lie on the scenes are of {classes} of the classes ({found})</source>
   <translation>장면 위에 놓인 라벨의 클래스는 {classes}개입니다 ({found})</translation>
  </message>
  <message>
   <source>labels of two classes at least, beside those that are kept for scoring</source>
   <translation>평가용으로 남겨 둔 것 외에 적어도 두 클래스의 레이블</translation>
  </message>
  <message>
   <source>draw them in {name}</source>
   <translation>{name}에 그려 주세요</translation>
  </message>
  <message>
   <source>the whole network does not learn yet: labels of two classes in more places are wanted, so that some can be held out</source>
   <translation>아직 신경망 전체를 학습하지 않습니다: 일부를 따로 남겨 둘 수 있도록 더 많은 곳에 두 클래스의 레이블이 필요합니다</translation>
  </message>
  <message>
   <source>nothing is suggested on {name}: {found}</source>
   <translation>{name}에는 제안하는 곳이 없습니다: {found}</translation>
  </message>
  <message>
   <source>{error}; waiting for other labels</source>
   <translation>{error}; 다른 레이블을 기다립니다</translation>
  </message>
  <message>
   <source>{lock} comes and goes</source>
   <translation>{lock}이(가) 생겼다 사라집니다</translation>
  </message>
  <message>
   <source>a folder in which one process learns</source>
   <translation>한 프로세스만 학습하는 폴더</translation>
  </message>
  <message>
   <source>{parent} is learned in by {holder}</source>
   <translation>{parent}에서 {holder}이(가) 학습하고 있습니다</translation>
  </message>
  <message>
   <source>one process at a time</source>
   <translation>한 번에 한 프로세스</translation>
  </message>
  <message>
   <source>end that one; where it is known to be dead, remove {lock}</source>
   <translation>그 프로세스를 끝내세요. 이미 죽은 것이 확실하면 {lock}을(를) 지우세요</translation>
  </message>
  <message>
   <source>{other} is the workspace itself</source>
   <translation>{other}은(는) 작업 폴더 자신입니다</translation>
  </message>
  <message>
   <source>another one</source>
   <translation>다른 것</translation>
  </message>
  <message>
   <source>starting from {name}: {reason}</source>
   <translation>{name}에서 시작합니다: {reason}</translation>
  </message>
  <message>
   <source>the scenes hold no data where they were looked at</source>
   <translation>살펴본 곳에 장면의 데이터가 없습니다</translation>
  </message>
  <message>
   <source>valid pixels</source>
   <translation>유효한 픽셀</translation>
  </message>
  <message>
   <source>write into the scene's header how its numbers become values, such as gdal_edit.py -a_scale 0.0001 scene.tif (1.525902e-05 for reflectance x 65535), or make a workspace that starts from none</source>
   <translation>장면의 헤더에 숫자를 값으로 바꾸는 배율을 쓰세요(예: gdal_edit.py -a_scale 0.0001 scene.tif, 반사율 x 65535이면 1.525902e-05). 또는 none에서 시작하는 작업 폴더를 만드세요</translation>
  </message>
  <message>
   <source>no model that ships fits, so the network begins from nothing: {error}</source>
   <translation>함께 제공되는 모델 중 맞는 것이 없어 신경망을 처음부터 학습합니다: {error}</translation>
  </message>
  <message>
   <source>the loss is {loss} at step {steps}</source>
   <translation>{steps}단계에서 손실이 {loss}입니다</translation>
  </message>
  <message>
   <source>start from another model, or look at the scene's values</source>
   <translation>다른 모델에서 시작하거나 장면의 값을 살펴보세요</translation>
  </message>
  <message>
   <source>nothing is held out: too few places are labelled to tell how good it is</source>
   <translation>따로 남겨 둔 것이 없습니다: 레이블이 있는 곳이 너무 적어 얼마나 좋은지 알 수 없습니다</translation>
  </message>
  <message>
   <source>only {places} places are held out: too few to tell how good it is</source>
   <translation>따로 남겨 둔 곳이 {places}곳뿐입니다: 얼마나 좋은지 알기에는 너무 적습니다</translation>
  </message>
  <message>
   <source>too few places to tell how well these are found: {said}</source>
   <translation>다음 클래스를 얼마나 잘 찾는지 알기에는 곳이 너무 적습니다: {said}</translation>
  </message>
  <message>
   <source>much land is like this {first}</source>
   <translation>이 {first}와(과) 비슷한 땅이 많습니다</translation>
  </message>
  <message>
   <source>between {first} and {second}</source>
   <translation>{first} 또는 {second}</translation>
  </message>
  <message>
   <source>like nothing that is labelled</source>
   <translation>라벨이 있는 어떤 곳과도 다름</translation>
  </message>
  <message>
   <source>the rounds disagree</source>
   <translation>회차마다 다름</translation>
  </message>
  <message>
   <source>{labels_path} holds no label to train on</source>
   <translation>{labels_path}에 학습할 라벨이 없습니다</translation>
  </message>
  <message>
   <source> beside the {sum} that are held out</source>
   <translation>(평가용으로 남겨 둔 {sum}개 제외)</translation>
  </message>
  <message>
   <source>labels of every class</source>
   <translation>모든 클래스의 라벨</translation>
  </message>
  <message>
   <source>draw some, or bring some: geoseg label FOLDER --import FILE</source>
   <translation>라벨을 그리거나 가져오세요: geoseg label FOLDER --import FILE</translation>
  </message>
  <message>
   <source>no label of {labels_path} lies on a scene</source>
   <translation>{labels_path}의 라벨이 어느 장면에도 놓여 있지 않습니다</translation>
  </message>
  <message>
   <source>does not exist</source>
   <translation>존재하지 않습니다</translation>
  </message>
  <message>
   <source>holds no {file}</source>
   <translation>{file}이(가) 없습니다</translation>
  </message>
  <message>
   <source>{folder} has no scene {name}</source>
   <translation>{folder}에 장면 {name}이(가) 없습니다</translation>
  </message>
  <message>
   <source>{place} exists</source>
   <translation>{place}이(가) 이미 있습니다</translation>
  </message>
  <message>
   <source> and is not empty</source>
   <translation> (비어 있지 않음)</translation>
  </message>
  <message>
   <source>a new folder for the workspace</source>
   <translation>작업 폴더로 쓸 새 폴더</translation>
  </message>
  <message>
   <source>choose another name, or go on in it: geoseg label FOLDER</source>
   <translation>다른 이름을 고르거나 그 안에서 계속하세요: geoseg label FOLDER</translation>
  </message>
  <message>
   <source>{place} is no workspace: it {found}</source>
   <translation>{place}은(는) 작업 폴더가 아닙니다: {found}</translation>
  </message>
  <message>
   <source>a folder that `geoseg label` made</source>
   <translation>`geoseg label`이 만든 폴더</translation>
  </message>
  <message>
   <source>geoseg label SCENE... --classes NAMES --out FOLDER</source>
   <translation>geoseg label SCENE... --classes NAMES --out FOLDER</translation>
  </message>
  <message>
   <source>{path} is no workspace's: its {mark} is {version}</source>
   <translation>{path}은(는) 작업 폴더의 파일이 아닙니다: {mark} 값이 {version}입니다</translation>
  </message>
  <message>
   <source>{path} is of version {version}</source>
   <translation>{path}의 버전은 {version}입니다</translation>
  </message>
  <message>
   <source>version {version}</source>
   <translation>버전 {version}</translation>
  </message>
  <message>
   <source>it was made by a newer geoseg: install that</source>
   <translation>더 새로운 geoseg로 만들어졌습니다. 그 버전을 설치하세요</translation>
  </message>
  <message>
   <source>{place} lacks {name}</source>
   <translation>{place}에 {name}이(가) 없습니다</translation>
  </message>
  <message>
   <source>the labels of the workspace</source>
   <translation>작업 폴더의 라벨</translation>
  </message>
  <message>
   <source>two {what} {twice}</source>
   <translation>{what} {twice}이(가) 두 번 있습니다</translation>
  </message>
  <message>
   <source>one each</source>
   <translation>각각 하나</translation>
  </message>
  <message>
   <source>{missing} of {scenes} scenes are missing: </source>
   <translation>장면 {scenes}개 중 {missing}개가 없습니다: </translation>
  </message>
  <message>
   <source>the scenes where workspace.json says</source>
   <translation>workspace.json이 말하는 곳의 장면</translation>
  </message>
  <message>
   <source>scenes that are there</source>
   <translation>있는 장면</translation>
  </message>
  <message>
   <source>say where they are: geoseg label {folder} --scene {name}=PATH</source>
   <translation>어디에 있는지 알려 주세요: geoseg label {folder} --scene {name}=PATH</translation>
  </message>
  <message>
   <source>{path} holds {name}</source>
   <translation>{path}의 내용: {name}</translation>
  </message>
  <message>
   <source>an object of JSON</source>
   <translation>JSON 객체</translation>
  </message>
  <message>
   <source>a workspace without a scene</source>
   <translation>장면이 없는 작업 폴더</translation>
  </message>
  <message>
   <source>one or more</source>
   <translation>하나 이상</translation>
  </message>
  <message>
   <source>a workspace without a class</source>
   <translation>클래스가 없는 작업 폴더</translation>
  </message>
  <message>
   <source>{path} names {named}</source>
   <translation>{path}이(가) {named}을(를) 가리킵니다</translation>
  </message>
  <message>
   <source>the folder of a model in models/</source>
   <translation>models/ 안의 모델 폴더</translation>
  </message>
  <message>
   <source>remove the file: the next `geoseg learn` writes it anew</source>
   <translation>파일을 지우세요. 다음 `geoseg learn`이 다시 씁니다</translation>
  </message>
  <message>
   <source>{path} is damaged: {error}</source>
   <translation>{path}이(가) 손상되었습니다: {error}</translation>
  </message>
  <message>
   <source>scenes and classes</source>
   <translation>장면과 클래스</translation>
  </message>
  <message>
   <source>{folder} has no scene {old}</source>
   <translation>{folder}에 장면 {old}이(가) 없습니다</translation>
  </message>
  <message>
   <source>{new} is called {name}</source>
   <translation>{new}의 이름은 {name}입니다</translation>
  </message>
  <message>
   <source>a file of the stem {name}, by which the labels know the scene</source>
   <translation>라벨이 장면을 알아보는 이름 {name}의 파일</translation>
  </message>
  <message>
   <source>rename it, or link to it under that name</source>
   <translation>이름을 바꾸거나 그 이름으로 링크를 만드세요</translation>
  </message>
  <message>
   <source>what geoseg wrote</source>
   <translation>geoseg가 쓴 내용</translation>
  </message>
  <message>
   <source>the class {name} has the value {value}</source>
   <translation>클래스 {name}의 값이 {value}입니다</translation>
  </message>
  <message>
   <source>0 to {nodata}</source>
   <translation>0에서 {nodata}까지</translation>
  </message>
  <message>
   <source>{history_path} cannot be read: {strerror}</source>
   <translation>{history_path}을(를) 읽을 수 없습니다: {strerror}</translation>
  </message>
  <message>
   <source>no model {name}</source>
   <translation>모델 {name}이(가) 없습니다</translation>
  </message>
  <message>
   <source>one of those that ship ({known}), of those that were added ({added}), or a folder with card.json</source>
   <translation>함께 제공되는 모델({known}), 추가한 모델({added}) 가운데 하나, 또는 card.json이 든 폴더</translation>
  </message>
  <message>
   <source>bring one of another program with `geoseg models add`</source>
   <translation>다른 프로그램의 모델은 `geoseg models add`로 가져오십시오</translation>
  </message>
  <message>
   <source>the model folder {folder} holds no weights</source>
   <translation>모델 폴더 {folder}에 가중치가 없습니다</translation>
  </message>
  <message>
   <source>a file named {name} beside card.json</source>
   <translation>card.json 옆의 {name} 파일</translation>
  </message>
  <message>
   <source>the workspace {folder} has no model yet</source>
   <translation>작업 공간 {folder}에 아직 모델이 없습니다</translation>
  </message>
  <message>
   <source>make one: geoseg learn {folder}</source>
   <translation>만드세요: geoseg learn {folder}</translation>
  </message>
  <message>
   <source>{named} names {model}</source>
   <translation>{named}이(가) {model}을(를) 가리킵니다</translation>
  </message>
  <message>
   <source>a folder in models/</source>
   <translation>models/ 안의 폴더</translation>
  </message>
  <message>
   <source>{named} cannot be read: {error}</source>
   <translation>{named}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{file} is missing, or leads out of the model's folder</source>
   <translation>{file}이(가) 없거나 모델 폴더 밖을 가리킵니다</translation>
  </message>
  <message>
   <source>the files that the card of {name} names</source>
   <translation>{name} 카드에 적힌 파일</translation>
  </message>
  <message>
   <source>{path} brings pickled objects along, in {name}: {what}</source>
   <translation>{path}에 피클된 객체가 들어 있습니다({name}): {what}</translation>
  </message>
  <message>
   <source>a program of tensors alone</source>
   <translation>텐서만 담은 프로그램</translation>
  </message>
  <message>
   <source>export the network without them</source>
   <translation>객체 없이 네트워크를 내보내세요</translation>
  </message>
  <message>
   <source>{path} holds pickled objects ({strange}), which run code as they are read, and need theirs</source>
   <translation>{path}에는 피클된 객체({strange})가 들어 있습니다. 읽는 순간 코드를 실행하며, 그 코드 자체도 필요합니다</translation>
  </message>
  <message>
   <source>a network: ONNX, TorchScript (torch.jit.save) or torch.export.save; no --trust changes that</source>
   <translation>네트워크: ONNX, TorchScript(torch.jit.save) 또는 torch.export.save. --trust로도 바뀌지 않습니다</translation>
  </message>
  <message>
   <source>{path} is no archive of PyTorch's</source>
   <translation>{path}은(는) PyTorch의 아카이브가 아닙니다</translation>
  </message>
  <message>
   <source>a file of {kind}</source>
   <translation>{kind} 파일</translation>
  </message>
  <message>
   <source>{path} is {file}</source>
   <translation>{path}은(는) {file}입니다</translation>
  </message>
  <message>
   <source>some zip file</source>
   <translation>일반 zip 파일</translation>
  </message>
  <message>
   <source>{name} of {archive} is too large to be looked at</source>
   <translation>{archive}의 {name}은(는) 살펴보기에 너무 큽니다</translation>
  </message>
  <message>
   <source>the archive</source>
   <translation>아카이브</translation>
  </message>
  <message>
   <source>{path} holds weights without their network (torch.save)</source>
   <translation>{path}에는 네트워크 없이 가중치만 들어 있습니다(torch.save)</translation>
  </message>
  <message>
   <source>a network: ONNX, TorchScript (torch.jit.save) or torch.export.save</source>
   <translation>네트워크: ONNX, TorchScript(torch.jit.save) 또는 torch.export.save</translation>
  </message>
  <message>
   <source>{path} cannot be read: {error}</source>
   <translation>{path}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{path} cannot be read as an archive: {error}</source>
   <translation>{path}을(를) 아카이브로 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{path} is compiled: it holds the code of a processor</source>
   <translation>{path}은(는) 컴파일되어 있어 프로세서의 기계어 코드를 담고 있습니다</translation>
  </message>
  <message>
   <source>a network as torch.export.save writes it</source>
   <translation>torch.export.save가 쓰는 형태의 네트워크</translation>
  </message>
  <message>
   <source>{path} is a damaged program of torch.export: {error}</source>
   <translation>{path}은(는) 손상된 torch.export 프로그램입니다: {error}</translation>
  </message>
  <message>
   <source>{path} unpacks into {entries} files of {total} bytes</source>
   <translation>{path}을(를) 풀면 파일 {entries}개, {total}바이트가 됩니다</translation>
  </message>
  <message>
   <source>at most {most_bytes} GiB</source>
   <translation>최대 {most_bytes} GiB</translation>
  </message>
  <message>
   <source>{path} holds files whose names lead elsewhere, or stand twice</source>
   <translation>{path}에 다른 곳을 가리키거나 두 번 나오는 이름의 파일이 있습니다</translation>
  </message>
  <message>
   <source>{path} is cut off, or no archive alone</source>
   <translation>{path}이(가) 잘렸거나 온전한 아카이브가 아닙니다</translation>
  </message>
  <message>
   <source>the network's features of the scene are unlike those of what {name} was trained on: {outside} of it lies where 1 % of known places do</source>
   <translation>장면에 대한 신경망의 특징이 {name}을(를) 훈련한 자료의 특징과 다릅니다: {outside}가 아는 장소의 1 %만 있는 곳에 있습니다</translation>
  </message>
  <message>
   <source>land, texture and sharpness of the model's kind</source>
   <translation>모델과 같은 종류의 땅, 질감, 선명도</translation>
  </message>
  <message>
   <source>look for clouds, haze, noise or pixels that were resampled; if there are none, the model knows no such land, and its map may be wrong</source>
   <translation>구름, 연무, 잡음, 리샘플링된 픽셀이 있는지 살펴보십시오. 없다면 모델이 모르는 땅이므로 지도가 틀릴 수 있습니다</translation>
  </message>
  <message>
   <source>no model is named</source>
   <translation>지정된 모델이 없습니다</translation>
  </message>
  <message>
   <source>the name of one, or of several</source>
   <translation>모델 하나 또는 여러 개의 이름</translation>
  </message>
  <message>
   <source>no tile suits all models: {told}</source>
   <translation>모든 모델에 맞는 타일이 없습니다: {told}</translation>
  </message>
  <message>
   <source>models of one tile</source>
   <translation>타일이 같은 모델</translation>
  </message>
  <message>
   <source>--weights {weights} for {count} models</source>
   <translation>모델 {count}개에 --weights {weights}</translation>
  </message>
  <message>
   <source>one number for each --model, which are not all 0</source>
   <translation>--model마다 숫자 하나, 모두 0은 아닐 것</translation>
  </message>
  <message>
   <source>{name} and {name2} have other classes: {told}</source>
   <translation>{name}와(과) {name2}의 클래스가 다릅니다: {told}</translation>
  </message>
  <message>
   <source>models whose classes have the same names</source>
   <translation>클래스 이름이 같은 모델</translation>
  </message>
  <message>
   <source>the scores of {name} are of {activation}, those of {name2} of {activation2}</source>
   <translation>{name}의 점수는 {activation}, {name2}의 점수는 {activation2}입니다</translation>
  </message>
  <message>
   <source>models whose scores mean the same</source>
   <translation>점수의 의미가 같은 모델</translation>
  </message>
  <message>
   <source>{name} and {name2} tell other objects apart, or only one of them does</source>
   <translation>{name}와(과) {name2}은(는) 서로 다른 객체를 구별하거나, 둘 중 하나만 객체를 구별합니다</translation>
  </message>
  <message>
   <source>models of the same things and the same limit of depth</source>
   <translation>같은 객체 클래스와 같은 깊이 한계를 가진 모델</translation>
  </message>
  <message>
   <source>--to {kind}</source>
   <translation>--to {kind}</translation>
  </message>
  <message>
   <source>one of {exports}</source>
   <translation>{exports} 중 하나</translation>
  </message>
  <message>
   <source>--out {target}</source>
   <translation>--out {target}</translation>
  </message>
  <message>
   <source>a file that ends in {suffix}, for {kind}</source>
   <translation>{kind}에는 {suffix}(으)로 끝나는 파일</translation>
  </message>
  <message>
   <source>--deepness with --to {kind}</source>
   <translation>--to {kind}와(과) 함께 쓴 --deepness</translation>
  </message>
  <message>
   <source>--to onnx: {deepness_only}</source>
   <translation>--to onnx: {deepness_only}</translation>
  </message>
  <message>
   <source>{file} exists</source>
   <translation>{file}이(가) 이미 있습니다</translation>
  </message>
  <message>
   <source>a new name</source>
   <translation>새 이름</translation>
  </message>
  <message>
   <source>choose another --out, or --overwrite</source>
   <translation>다른 --out을 고르거나 --overwrite를 쓰세요</translation>
  </message>
  <message>
   <source>not {sizes_text}: {reason}</source>
   <translation>{sizes_text}(으)로는 안 됩니다: {reason}</translation>
  </message>
  <message>
   <source>what was exported gives {shape}</source>
   <translation>내보낸 것이 {shape}을(를) 냅니다</translation>
  </message>
  <message>
   <source>what was exported differs from {name} by up to {here} in {output} of {shape}</source>
   <translation>내보낸 것이 {shape}의 {output}에서 {name}과(와) 최대 {here}까지 다릅니다</translation>
  </message>
  <message>
   <source>at most {close}: it is not written</source>
   <translation>최대 {close}: 파일을 쓰지 않았습니다</translation>
  </message>
  <message>
   <source>{name} takes {bytesize} bytes as ONNX</source>
   <translation>{name}은(는) ONNX로 {bytesize}바이트입니다</translation>
  </message>
  <message>
   <source>at most 2 GiB, what one such file can hold</source>
   <translation>최대 2GiB, 그런 파일 하나가 담을 수 있는 크기</translation>
  </message>
  <message>
   <source>install it with: pip install 'geoseg[export]'</source>
   <translation>다음으로 설치하세요: pip install 'geoseg[export]'</translation>
  </message>
  <message>
   <source>PyTorch cannot export {name} as ONNX: {error}</source>
   <translation>PyTorch가 {name}을(를) ONNX로 내보낼 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>ONNX Runtime: {error}</source>
   <translation>ONNX Runtime: {error}</translation>
  </message>
  <message>
   <source>OpenVINO cannot compute what it wrote: {error}</source>
   <translation>OpenVINO가 자신이 쓴 것을 계산할 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>OpenVINO: {error}</source>
   <translation>OpenVINO: {error}</translation>
  </message>
  <message>
   <source>bands in this order: {band_names}</source>
   <translation>밴드 순서: {band_names}</translation>
  </message>
  <message>
   <source>probabilities are {activation} of the logits divided by {temperature}, the temperature on its card</source>
   <translation>확률은 로짓을 카드의 온도 {temperature}(으)로 나눈 값의 {activation}입니다</translation>
  </message>
  <message>
   <source>Deepness numbers classes from 0 on, whatever values the card gives them</source>
   <translation>Deepness는 카드의 값과 상관없이 클래스에 0부터 번호를 매깁니다</translation>
  </message>
  <message>
   <source>{name} gives numbers and no classes</source>
   <translation>{name}은(는) 클래스가 아니라 수치를 줍니다</translation>
  </message>
  <message>
   <source>its own file is {weights}</source>
   <translation>원래 파일은 {weights}입니다</translation>
  </message>
  <message>
   <source>{name} gives a depth of objects behind the scores of its classes, which other programs would take for a class</source>
   <translation>{name}은(는) 클래스 점수 뒤에 객체의 깊이를 주는데, 다른 프로그램은 이를 클래스로 여길 것입니다</translation>
  </message>
  <message>
   <source>a model of classes alone</source>
   <translation>클래스만 주는 모델</translation>
  </message>
  <message>
   <source>{name} is an ONNX file, which cannot be made {kind} again</source>
   <translation>{name}은(는) ONNX 파일이며, 다시 {kind}(으)로 만들 수 없습니다</translation>
  </message>
  <message>
   <source>--to mlm or openvino</source>
   <translation>--to mlm 또는 openvino</translation>
  </message>
  <message>
   <source>{name} is an ONNX file, which is handed on as it is</source>
   <translation>{name}은(는) ONNX 파일이며, 있는 그대로 넘깁니다</translation>
  </message>
  <message>
   <source>neither --scaling nor --activation: its item says how it is fed</source>
   <translation>--scaling도 --activation도 없음: 입력 방법은 아이템에 적힙니다</translation>
  </message>
  <message>
   <source>{name} is a {format}</source>
   <translation>{name}은(는) {format}입니다</translation>
  </message>
  <message>
   <source>a network of PyTorch's, or an ONNX file</source>
   <translation>PyTorch 네트워크 또는 ONNX 파일</translation>
  </message>
  <message>
   <source>{name} was made by somebody else, and is exported with what reads its scores</source>
   <translation>{name}은(는) 다른 사람이 만든 것이며, 점수를 읽는 부분과 함께 내보냅니다</translation>
  </message>
  <message>
   <source>--activation inside</source>
   <translation>--activation inside</translation>
  </message>
  <message>
   <source>Deepness takes every score below its threshold for 0, and logits may be negative</source>
   <translation>Deepness는 임계값보다 낮은 점수를 모두 0으로 여기는데, 로짓은 음수일 수 있습니다</translation>
  </message>
  <message>
   <source>--activation inside with --deepness</source>
   <translation>--deepness에는 --activation inside</translation>
  </message>
  <message>
   <source>PyTorch {torch} exports no networks of free sizes</source>
   <translation>PyTorch {torch}은(는) 크기가 자유로운 네트워크를 내보내지 못합니다</translation>
  </message>
  <message>
   <source>PyTorch 2.6 or later</source>
   <translation>PyTorch 2.6 이상</translation>
  </message>
  <message>
   <source>pip install --upgrade torch</source>
   <translation>pip install --upgrade torch</translation>
  </message>
  <message>
   <source>torch.export cannot export {name}: {error}</source>
   <translation>torch.export가 {name}을(를) 내보낼 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>PyTorch: {error}</source>
   <translation>PyTorch: {error}</translation>
  </message>
  <message>
   <source>PyTorch cannot trace {name}: {error}</source>
   <translation>PyTorch가 {name}을(를) 추적할 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>--{name} {name2}</source>
   <translation>--{name} {name2}</translation>
  </message>
  <message>
   <source>{path} was exported while it was trained: its {layer} would make of each tile another one's statistics</source>
   <translation>{path}은(는) 학습 상태에서 내보내졌습니다. {layer} 층이 타일마다 다른 통계로 계산합니다</translation>
  </message>
  <message>
   <source>a network that was exported after network.eval()</source>
   <translation>network.eval() 이후에 내보낸 네트워크</translation>
  </message>
  <message>
   <source>{path} cannot be read as a program of torch.export: {error}</source>
   <translation>{path}을(를) torch.export 프로그램으로 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>it is meant for the version that wrote it: export it anew with this one, {version}</source>
   <translation>이 파일은 만든 버전에 맞춰져 있습니다. 현재 버전 {version}으로 다시 내보내세요</translation>
  </message>
  <message>
   <source>{name} gives the outputs {none}</source>
   <translation>{name}의 출력: {none}</translation>
  </message>
  <message>
   <source>a single one</source>
   <translation>하나</translation>
  </message>
  <message>
   <source>name one with --output</source>
   <translation>--output으로 하나를 지정하세요</translation>
  </message>
  <message>
   <source>{name} cannot compute an input of {shape}: {text}</source>
   <translation>{name}은(는) {shape} 입력을 계산할 수 없습니다: {text}</translation>
  </message>
  <message>
   <source>leave --tile out; on a GPU, a network that was saved for another device may need --device cpu</source>
   <translation>--tile을 빼세요. GPU에서는, 다른 장치용으로 저장된 네트워크에 --device cpu가 필요할 수 있습니다</translation>
  </message>
  <message>
   <source>the network gives {name}</source>
   <translation>네트워크가 {name}을(를) 출력합니다</translation>
  </message>
  <message>
   <source>tensors</source>
   <translation>텐서</translation>
  </message>
  <message>
   <source>{name} takes tiles of shape {get_partial_shape}</source>
   <translation>{name}이(가) 받는 타일의 모양은 {get_partial_shape}입니다</translation>
  </message>
  <message>
   <source>leave --tile out, or give --tile {tile}</source>
   <translation>--tile을 빼거나 --tile {tile}을(를) 주십시오</translation>
  </message>
  <message>
   <source>{name} gives {get_partial_shape}</source>
   <translation>{name}의 출력은 {get_partial_shape}입니다</translation>
  </message>
  <message>
   <source>an output of the axes {output_axes}</source>
   <translation>축이 {output_axes}인 출력</translation>
  </message>
  <message>
   <source>{name} gives {shape} for tiles of {rows} x {columns} px</source>
   <translation>{rows} x {columns}픽셀 타일에 대한 {name}의 출력은 {shape}입니다</translation>
  </message>
  <message>
   <source>a score for every {stride} px, as its card says</source>
   <translation>카드에 적힌 대로 {stride}픽셀마다 점수 하나</translation>
  </message>
  <message>
   <source>{name} gives scores of shape {shape}</source>
   <translation>{name}의 점수는 모양이 {shape}입니다</translation>
  </message>
  <message>
   <source>{expected}, by its card</source>
   <translation>카드에 따르면 {expected}</translation>
  </message>
  <message>
   <source>see to classes, margin and stride of the card</source>
   <translation>카드의 클래스, 여백, 간격을 살펴보십시오</translation>
  </message>
  <message>
   <source>{name} gives an output of shape {shape}</source>
   <translation>{name}의 출력은 모양이 {shape}입니다</translation>
  </message>
  <message>
   <source>axes {output_axes} of {labels} classes, by its card</source>
   <translation>카드에 따르면 축 {output_axes}, 클래스 {labels}개</translation>
  </message>
  <message>
   <source>{text}: the map would have two classes named {twice}</source>
   <translation>{text}: 지도에 {twice}(이)라는 클래스가 둘이 됩니다</translation>
  </message>
  <message>
   <source>the class of this name among those that the new one takes in, or another name</source>
   <translation>새 클래스가 합치는 것 중에 이 이름의 클래스를 넣거나 다른 이름</translation>
  </message>
  <message>
   <source>--rename-classes merges numbers of {name}, which are no classes</source>
   <translation>--rename-classes가 {name}의 수치를 합칩니다. 수치는 클래스가 아닙니다</translation>
  </message>
  <message>
   <source>other names of its numbers alone</source>
   <translation>수치의 이름만 바꾸기</translation>
  </message>
  <message>
   <source>{text} holds no names of classes</source>
   <translation>{text}에 클래스 이름이 없습니다</translation>
  </message>
  <message>
   <source>JSON such as {form}</source>
   <translation>다음과 같은 JSON: {form}</translation>
  </message>
  <message>
   <source>{path}: {name} has {told}</source>
   <translation>{path}: {name}의 값이 {told}입니다</translation>
  </message>
  <message>
   <source>names of classes, or an object of classes and colour, such as {form}</source>
   <translation>클래스 이름들, 또는 classes와 colour를 가진 객체, 예: {form}</translation>
  </message>
  <message>
   <source>{name} is to take in {parts}, of which {name2} counts only some in objects</source>
   <translation>{name}은(는) {parts}을(를) 합쳐야 하는데, {name2}은(는) 그중 일부만 객체로 셉니다</translation>
  </message>
  <message>
   <source>classes all of which are things, or none</source>
   <translation>모두 객체이거나 모두 객체가 아닌 클래스</translation>
  </message>
  <message>
   <source>{text} has more than {most} bytes</source>
   <translation>{text}이(가) {most}바이트보다 큽니다</translation>
  </message>
  <message>
   <source>{text}: there is no such file</source>
   <translation>{text}: 그런 파일이 없습니다</translation>
  </message>
  <message>
   <source>{text} cannot be read: {error}</source>
   <translation>{text}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{text} is no JSON: {error}</source>
   <translation>{text}은(는) JSON이 아닙니다: {error}</translation>
  </message>
  <message>
   <source>{text}: {name} is to take in {one}, which is no class of the model</source>
   <translation>{text}: {name}이(가) 합칠 {one}은(는) 모델의 클래스가 아닙니다</translation>
  </message>
  <message>
   <source>some of {known}</source>
   <translation>{known} 중 일부</translation>
  </message>
  <message>
   <source>{text}: {one} is named for {one2} and for {name}</source>
   <translation>{text}: {one}이(가) {one2}와(과) {name} 양쪽에 있습니다</translation>
  </message>
  <message>
   <source>each class of the model once</source>
   <translation>모델의 각 클래스를 한 번씩</translation>
  </message>
  <message>
   <source>ONNX Runtime cannot compute {name}: {text}</source>
   <translation>ONNX Runtime이 {name}을(를) 계산하지 못합니다: {text}</translation>
  </message>
  <message>
   <source>install it with: pip install 'geoseg[onnx]'; on a GPU, pip install onnxruntime-gpu</source>
   <translation>pip install 'geoseg[onnx]'로 설치하십시오. GPU에서는 pip install onnxruntime-gpu</translation>
  </message>
  <message>
   <source>pip install onnxruntime-gpu, or use --device cpu</source>
   <translation>pip install onnxruntime-gpu로 설치하거나 --device cpu를 쓰십시오</translation>
  </message>
  <message>
   <source>{path} cannot be read as ONNX</source>
   <translation>{path}을(를) ONNX로 읽을 수 없습니다</translation>
  </message>
  <message>
   <source>{path} cannot be read as ONNX, or is cut off</source>
   <translation>{path}을(를) ONNX로 읽을 수 없거나 잘려 있습니다</translation>
  </message>
  <message>
   <source>take another copy of it</source>
   <translation>다른 사본을 쓰십시오</translation>
  </message>
  <message>
   <source>the card of {name} says nothing of how its ONNX file is fed</source>
   <translation>{name}의 카드에 ONNX 파일에 무엇을 어떻게 넣는지 적혀 있지 않습니다</translation>
  </message>
  <message>
   <source>a section geoseg:interface</source>
   <translation>geoseg:interface 부분</translation>
  </message>
  <message>
   <source>let `geoseg models add` write it</source>
   <translation>`geoseg models add`로 쓰게 하십시오</translation>
  </message>
  <message>
   <source>{path} takes numbers from {file}</source>
   <translation>{path}은(는) {file}에서 수를 가져옵니다</translation>
  </message>
  <message>
   <source>no other file</source>
   <translation>다른 파일 없음</translation>
  </message>
  <message>
   <source>the companions on the card: {none}</source>
   <translation>카드에 적힌 딸린 파일: {none}</translation>
  </message>
  <message>
   <source>{path} takes {bands} bands, the card of {name} names {bands2}</source>
   <translation>{path}은(는) 밴드 {bands}개를 받는데 {name}의 카드에는 {bands2}개가 적혀 있습니다</translation>
  </message>
  <message>
   <source>{path} takes tiles of {height} x {width} px only</source>
   <translation>{path}은(는) {height} x {width}픽셀 타일만 받습니다</translation>
  </message>
  <message>
   <source>{side} px, as on the card of {name}</source>
   <translation>{name}의 카드에 적힌 {side}픽셀</translation>
  </message>
  <message>
   <source>{path} has the outputs {names}</source>
   <translation>{path}의 출력은 {names}입니다</translation>
  </message>
  <message>
   <source>{one}, as on the card of {name}</source>
   <translation>{name}의 카드에 적힌 {one}</translation>
  </message>
  <message>
   <source>{path} gives {c} scores, which do not fit the card of {name}</source>
   <translation>{path}의 점수 {c}개는 {name}의 카드에 맞지 않습니다</translation>
  </message>
  <message>
   <source>{count} for its {labels} classes</source>
   <translation>클래스 {labels}개에 {count}개</translation>
  </message>
  <message>
   <source>{path} has the inputs {told}</source>
   <translation>{path}의 입력은 {told}입니다</translation>
  </message>
  <message>
   <source>one, of batch, bands, rows and columns</source>
   <translation>배치, 밴드, 행, 열의 입력 하나</translation>
  </message>
  <message>
   <source>{name} in {path} has the shape {dims}</source>
   <translation>{path}의 {name}은(는) 모양이 {dims}입니다</translation>
  </message>
  <message>
   <source>{name} in {path} says that it has {size} bytes and holds {held}</source>
   <translation>{path}의 {name}은(는) {size}바이트라고 하는데 {held}바이트가 들어 있습니다</translation>
  </message>
  <message>
   <source>{path} takes numbers from {location}</source>
   <translation>{path}은(는) {location}에서 수를 가져옵니다</translation>
  </message>
  <message>
   <source>{path} takes numbers from {location}, which leads elsewhere</source>
   <translation>{path}은(는) 다른 곳으로 이어지는 {location}에서 수를 가져옵니다</translation>
  </message>
  <message>
   <source>{path} takes numbers from {location}, which is missing</source>
   <translation>{path}은(는) 없는 파일 {location}에서 수를 가져옵니다</translation>
  </message>
  <message>
   <source>{name} in {path} takes {length} bytes at {offset} of {location}, which has {there}</source>
   <translation>{path}의 {name}은(는) {location}의 {offset}에서 {length}바이트를 가져오는데 그 파일은 {there}바이트입니다</translation>
  </message>
  <message>
   <source>{size} bytes, which are its shape's</source>
   <translation>그 모양에 맞는 {size}바이트</translation>
  </message>
  <message>
   <source>nothing in {path} makes its output {missing}</source>
   <translation>{path}에 출력 {missing}을(를) 만드는 것이 없습니다</translation>
  </message>
  <message>
   <source>{twice} in {path} is made twice</source>
   <translation>{path}의 {twice}이(가) 두 번 만들어집니다</translation>
  </message>
  <message>
   <source>{path} gives {lengths}, which does not fit its card</source>
   <translation>{path}의 출력 {lengths}은(는) 카드에 맞지 않습니다</translation>
  </message>
  <message>
   <source>{name} of {path} is no array</source>
   <translation>{path}의 {name}은(는) 배열이 아닙니다</translation>
  </message>
  <message>
   <source>arrays of numbers</source>
   <translation>수의 배열</translation>
  </message>
  <message>
   <source>{path} cannot be read as ONNX: {error}</source>
   <translation>{path}을(를) ONNX로 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{path} nests messages more than {deepest} deep</source>
   <translation>{path}의 메시지가 {deepest}겹보다 깊이 겹쳐 있습니다</translation>
  </message>
  <message>
   <source>{name} in {path} is of a type that ONNX does not have</source>
   <translation>{path}의 {name}은(는) ONNX에 없는 자료형입니다</translation>
  </message>
  <message>
   <source>{path} does not say where in {location} its numbers are</source>
   <translation>{path}에 수가 {location}의 어디에 있는지 적혀 있지 않습니다</translation>
  </message>
  <message>
   <source>the function {calls} in {path} calls itself</source>
   <translation>{path}의 함수 {calls}이(가) 자신을 부릅니다</translation>
  </message>
  <message>
   <source>{path} does not work out for an input of {shape}: {splitlines}</source>
   <translation>{path}은(는) {shape} 입력으로 계산되지 않습니다: {splitlines}</translation>
  </message>
  <message>
   <source>{name} in {path} would take {lengths} GiB</source>
   <translation>{path}의 {name}은(는) {lengths} GiB를 차지하게 됩니다</translation>
  </message>
  <message>
   <source>at most {most_value} GiB for one value</source>
   <translation>값 하나에 많아야 {most_value} GiB</translation>
  </message>
  <message>
   <source>{name} of {path} is of a type that ONNX does not have</source>
   <translation>{path}의 {name}은(는) ONNX에 없는 자료형입니다</translation>
  </message>
  <message>
   <source>{path} cannot be read: it has {size} bytes</source>
   <translation>{path}을(를) 읽을 수 없습니다: {size}바이트입니다</translation>
  </message>
  <message>
   <source>an ONNX file of at most 2 GiB</source>
   <translation>2 GiB 이하의 ONNX 파일</translation>
  </message>
  <message>
   <source>{path} unfolds into more than {most_fields} messages and values</source>
   <translation>{path}을(를) 펼치면 메시지와 값이 {most_fields}개를 넘습니다</translation>
  </message>
  <message>
   <source>{path} goes in a circle, or is not in order: {name} is used by {op_type} before anything makes it</source>
   <translation>{path}은(는) 순환하거나 순서가 맞지 않습니다: {name}이(가) 만들어지기 전에 {op_type}에 쓰입니다</translation>
  </message>
  <message>
   <source>pip install openvino, or let PyTorch compute (--engine torch)</source>
   <translation>pip install openvino를 실행하거나 PyTorch로 계산하세요(--engine torch)</translation>
  </message>
  <message>
   <source>the card of {name} says stride {stride}</source>
   <translation>{name}의 카드에 보폭이 {stride}입니다</translation>
  </message>
  <message>
   <source>a multiple of {network}</source>
   <translation>{network}의 배수</translation>
  </message>
  <message>
   <source>the weights {file} hold what is no number, in {bad}{more}</source>
   <translation>가중치 {file}의 {bad}{more}에 수가 아닌 것이 있습니다</translation>
  </message>
  <message>
   <source>finite numbers alone</source>
   <translation>유한한 수만</translation>
  </message>
  <message>
   <source>train it again, with a lower rate, or take another copy of the file</source>
   <translation>더 낮은 학습률로 다시 학습하거나, 파일의 다른 사본을 쓰세요</translation>
  </message>
  <message>
   <source>the training left what is no number in {name}</source>
   <translation>학습이 {name}에 수가 아닌 것을 남겼습니다</translation>
  </message>
  <message>
   <source>train with a lower rate, or more warm-up</source>
   <translation>더 낮은 학습률이나 더 긴 준비 단계로 학습하세요</translation>
  </message>
  <message>
   <source>{file} holds {twice}, which another file of weights holds too</source>
   <translation>{file}에 있는 {twice}이(가) 다른 가중치 파일에도 있습니다</translation>
  </message>
  <message>
   <source>the weights of {name} do not fit its {described}: {strip}</source>
   <translation>{name}의 가중치가 그 {described}에 맞지 않습니다: {strip}</translation>
  </message>
  <message>
   <source>the weights {file} cannot be read: {error}</source>
   <translation>가중치 {file}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>a safetensors file</source>
   <translation>safetensors 파일</translation>
  </message>
  <message>
   <source>cpu ({get_num_threads} threads)</source>
   <translation>cpu (스레드 {get_num_threads}개)</translation>
  </message>
  <message>
   <source>--device {name}</source>
   <translation>--device {name}</translation>
  </message>
  <message>
   <source>auto, cpu, cuda or cuda:1</source>
   <translation>auto, cpu, cuda 또는 cuda:1</translation>
  </message>
  <message>
   <source>--device {name}: {device_count} CUDA devices are here</source>
   <translation>--device {name}: 여기 CUDA 장치는 {device_count}개입니다</translation>
  </message>
  <message>
   <source>use --device cpu</source>
   <translation>--device cpu를 쓰세요</translation>
  </message>
  <message>
   <source>{path} cannot be read as TorchScript: {error}</source>
   <translation>{path}을(를) TorchScript로 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>if it was saved by a newer PyTorch, update yours</source>
   <translation>더 새로운 PyTorch로 저장되었다면 PyTorch를 업데이트하세요</translation>
  </message>
  <message>
   <source>config.json says model_type {kind}</source>
   <translation>config.json에 model_type {kind}이(가) 적혀 있습니다</translation>
  </message>
  <message>
   <source>one of {network_names}</source>
   <translation>{network_names} 가운데 하나</translation>
  </message>
  <message>
   <source>config.json says {place}model_type {kind}</source>
   <translation>config.json에 {place}model_type {kind}이(가) 적혀 있습니다</translation>
  </message>
  <message>
   <source>one of transformers</source>
   <translation>transformers의 것</translation>
  </message>
  <message>
   <source>config.json says {place}{key}: the network comes with code of its own, which geoseg never runs</source>
   <translation>config.json에 {place}{key}이(가) 적혀 있습니다. 이 신경망은 geoseg가 결코 실행하지 않는 자체 코드를 지니고 있습니다</translation>
  </message>
  <message>
   <source>a network that the library transformers has itself</source>
   <translation>transformers 라이브러리가 스스로 지닌 신경망</translation>
  </message>
  <message>
   <source>export it to ONNX, with the code that you trust</source>
   <translation>믿을 수 있는 코드로 ONNX로 내보내세요</translation>
  </message>
  <message>
   <source>config.json says {place}{key} {value}</source>
   <translation>config.json에 {place}{key} {value}이(가) 적혀 있습니다</translation>
  </message>
  <message>
   <source>all of the network described in config.json and held by its weights</source>
   <translation>config.json에 모두 적혀 있고 가중치에 모두 담긴 신경망</translation>
  </message>
  <message>
   <source>save it anew with a present version of transformers</source>
   <translation>지금 판의 transformers로 다시 저장하세요</translation>
  </message>
  <message>
   <source>config.json asks for more than {most_layers} layers</source>
   <translation>config.json이 {most_layers}개가 넘는 층을 요구합니다</translation>
  </message>
  <message>
   <source>config.json asks for a network of more than {numbers} numbers</source>
   <translation>config.json이 수가 {numbers}개가 넘는 신경망을 요구합니다</translation>
  </message>
  <message>
   <source>{held}, which its weights hold</source>
   <translation>가중치에 담긴 {held}개</translation>
  </message>
  <message>
   <source>transformers cannot build {what}: {text}</source>
   <translation>transformers가 {what}을(를) 만들 수 없습니다: {text}</translation>
  </message>
  <message>
   <source>the weights of {name} {words} {names}{more}</source>
   <translation>{name}의 가중치 {words} {names}{more}</translation>
  </message>
  <message>
   <source>those that config.json describes, no more and no fewer</source>
   <translation>더도 덜도 아닌, config.json에 적힌 것</translation>
  </message>
  <message>
   <source>install it with: pip install 'geoseg[transformers]'</source>
   <translation>다음으로 설치하세요: pip install 'geoseg[transformers]'</translation>
  </message>
  <message>
   <source>config.json says {place} {value}</source>
   <translation>config.json에 {place} {value}이(가) 적혀 있습니다</translation>
  </message>
  <message>
   <source>at most {most_deep}</source>
   <translation>많아야 {most_deep}</translation>
  </message>
  <message>
   <source>numbers up to {most_number}, short texts and lists of them</source>
   <translation>{most_number} 이하의 수, 짧은 글, 그리고 그것들의 목록</translation>
  </message>
  <message>
   <source>{path} can hold code, and is no file that you trust: whoever made it could read, change and send your files once it is loaded</source>
   <translation>{path}에는 코드가 들어 있을 수 있으며 신뢰한다고 밝힌 파일이 아닙니다. 불러오는 순간 만든 사람이 사용자의 파일을 읽고 바꾸고 보낼 수 있습니다</translation>
  </message>
  <message>
   <source>a network as data, such as ONNX or safetensors, or a file that you trust</source>
   <translation>ONNX나 safetensors처럼 데이터로 된 네트워크, 또는 신뢰하는 파일</translation>
  </message>
  <message>
   <source>if you know who made it, and got this very file from there, say so with `geoseg models add` and --trust {digest}</source>
   <translation>누가 만들었는지 알고 바로 그곳에서 받은 파일이라면 `geoseg models add`와 --trust {digest}로 밝히세요</translation>
  </message>
  <message>
   <source>--trust {text}</source>
   <translation>--trust {text}</translation>
  </message>
  <message>
   <source>the SHA-256 of a file, 64 hexadecimal digits</source>
   <translation>파일의 SHA-256, 16진수 64자리</translation>
  </message>
  <message>
   <source>{path} is larger than {most} GiB</source>
   <translation>{path}이(가) {most} GiB보다 큽니다</translation>
  </message>
  <message>
   <source>{path} has the SHA-256 {digest}</source>
   <translation>{path}의 SHA-256은 {digest}입니다</translation>
  </message>
  <message>
   <source>{named}, as --trust names it</source>
   <translation>--trust가 지정한 {named}</translation>
  </message>
  <message>
   <source>it is another file than the one you trust: do not use it before you know why</source>
   <translation>신뢰하는 파일과 다른 파일입니다. 이유를 알기 전에는 사용하지 마세요</translation>
  </message>
  <message>
   <source>there is no folder for added models</source>
   <translation>추가한 모델을 둘 폴더가 없습니다</translation>
  </message>
  <message>
   <source>a home folder, or GEOSEG_MODELS</source>
   <translation>홈 폴더 또는 GEOSEG_MODELS</translation>
  </message>
  <message>
   <source>--min-score {min_score} without --confidence</source>
   <translation>--confidence 없이 --min-score {min_score}</translation>
  </message>
  <message>
   <source>the confidence raster of the map, of which scores are means</source>
   <translation>점수의 평균을 내는 지도의 신뢰도 래스터</translation>
  </message>
  <message>
   <source>no output is named</source>
   <translation>출력이 지정되지 않았습니다</translation>
  </message>
  <message>
   <source>--out FILE, --raster FILE.tif, or both</source>
   <translation>--out FILE, --raster FILE.tif 또는 둘 다</translation>
  </message>
  <message>
   <source>--raster {tag}</source>
   <translation>--raster {tag}</translation>
  </message>
  <message>
   <source>no --things</source>
   <translation>--things가 없습니다</translation>
  </message>
  <message>
   <source>the values of the classes that are objects, such as 1</source>
   <translation>객체인 클래스의 값, 예: 1</translation>
  </message>
  <message>
   <source>--min-score {min_score}</source>
   <translation>--min-score {min_score}</translation>
  </message>
  <message>
   <source>--min-area {min_area}</source>
   <translation>--min-area {min_area}</translation>
  </message>
  <message>
   <source>square metres, 0 or more</source>
   <translation>제곱미터, 0 이상</translation>
  </message>
  <message>
   <source>it does not say how objects were found: {error}</source>
   <translation>객체를 어떻게 찾았는지 적혀 있지 않습니다: {error}</translation>
  </message>
  <message>
   <source>all options</source>
   <translation>모든 옵션</translation>
  </message>
  <message>
   <source>{path} holds the number {wrong}</source>
   <translation>{path}에 숫자 {wrong}이(가) 있습니다</translation>
  </message>
  <message>
   <source>percent from 0 to 100, 255 where there is none</source>
   <translation>0에서 100까지의 퍼센트, 없는 곳은 255</translation>
  </message>
  <message>
   <source>scale it to percent first, such as with gdal_calc.py</source>
   <translation>먼저 퍼센트로 환산하십시오. 예: gdal_calc.py</translation>
  </message>
  <message>
   <source>{squared} of {seen} polygons got right angles: their borders are their own</source>
   <translation>폴리곤 {seen}개 중 {squared}개가 직각이 되었습니다. 그 경계는 이웃과 따로입니다</translation>
  </message>
  <message>
   <source>no pixel of {path} has the value {lacking} of --things</source>
   <translation>--things의 값 {lacking}을(를) 가진 픽셀이 {path}에 없습니다</translation>
  </message>
  <message>
   <source>{shallow} pixels of --things have no depth in {path}, which counts as 0: objects that touch there are one</source>
   <translation>--things의 픽셀 {shallow}개에 {path}의 깊이가 없어 0으로 봅니다. 거기서 맞닿은 객체는 하나가 됩니다</translation>
  </message>
  <message>
   <source>--levels {depths}</source>
   <translation>--levels {depths}</translation>
  </message>
  <message>
   <source>falling whole numbers of percent from 100 to 0, such as 50,25,0</source>
   <translation>100에서 0까지 줄어드는 정수 퍼센트, 예: 50,25,0</translation>
  </message>
  <message>
   <source>--reach {reach}</source>
   <translation>--reach {reach}</translation>
  </message>
  <message>
   <source>1 to {most_reach} pixels</source>
   <translation>1에서 {most_reach}픽셀</translation>
  </message>
  <message>
   <source>more than {most_labels} objects</source>
   <translation>객체가 {most_labels}개를 넘습니다</translation>
  </message>
  <message>
   <source>fewer of them</source>
   <translation>더 적은 수</translation>
  </message>
  <message>
   <source>begin them deeper: a last level above 0 leaves single pixels out</source>
   <translation>더 깊은 곳에서 시작하십시오. 마지막 수준이 0보다 크면 낱개 픽셀이 빠집니다</translation>
  </message>
  <message>
   <source>{name} gives the class of fp32 on {share} of {pixels} pixels in {windows} windows (least in one: {least})</source>
   <translation>{name}은(는) {windows}개 창의 {pixels} 픽셀 중 {share}에서 fp32와 같은 클래스를 줍니다(가장 낮은 창: {least})</translation>
  </message>
  <message>
   <source>{name} gives the numbers of fp32 on {share} of {pixels} pixels in {windows} windows (least in one: {least})</source>
   <translation>{name}은(는) {windows}개 창의 {pixels} 픽셀 중 {share}에서 fp32와 같은 수치를 줍니다(가장 낮은 창: {least})</translation>
  </message>
  <message>
   <source>--engine openvino with --device {device}</source>
   <translation>--device {device}에 --engine openvino</translation>
  </message>
  <message>
   <source>use --device cpu, or --engine torch</source>
   <translation>--device cpu나 --engine torch를 쓰세요</translation>
  </message>
  <message>
   <source>--engine {wanted} cannot compute {name}</source>
   <translation>--engine {wanted}은(는) {name}을(를) 계산하지 못합니다</translation>
  </message>
  <message>
   <source>openvino or {own}</source>
   <translation>openvino 또는 {own}</translation>
  </message>
  <message>
   <source>torch, torch.compile or openvino</source>
   <translation>torch, torch.compile 또는 openvino</translation>
  </message>
  <message>
   <source>--precision {asked}: {name} does not have it here</source>
   <translation>--precision {asked}: 여기 {name}에는 없습니다</translation>
  </message>
  <message>
   <source>one of {able}</source>
   <translation>{able} 중 하나</translation>
  </message>
  <message>
   <source>int8 needs OpenVINO and NNCF: pip install 'geoseg[int8]'</source>
   <translation>int8에는 OpenVINO와 NNCF가 필요합니다: pip install 'geoseg[int8]'</translation>
  </message>
  <message>
   <source>--tta {tta}: each tile goes through the network {ways} times</source>
   <translation>--tta {tta}: 각 타일이 신경망을 {ways}번 통과합니다</translation>
  </message>
  <message>
   <source>{line}, which is below --min-agreement {min_agreement}: fp32 computes the map</source>
   <translation>{line}. --min-agreement {min_agreement}보다 낮아 fp32로 지도를 계산합니다</translation>
  </message>
  <message>
   <source>this device has no {asked} arithmetic, and is faster in fp32, which computes the map</source>
   <translation>이 장치에는 {asked} 연산이 없고 fp32가 더 빨라, fp32로 지도를 계산합니다</translation>
  </message>
  <message>
   <source>this device computes in {fast} as well: --precision auto would save {some} of the computing, once it has seen on the scene that the classes stay</source>
   <translation>이 장치는 {fast}로도 계산합니다: --precision auto는 장면에서 클래스가 그대로인지 확인한 뒤 계산의 {some}을(를) 줄입니다</translation>
  </message>
  <message>
   <source>{other} computes the map: {error}</source>
   <translation>{other}이(가) 지도를 계산합니다: {error}</translation>
  </message>
  <message>
   <source>{told}the scene has its {named} ({line})</source>
   <translation>{told}장면의 {named}이(가) 모델에 맞습니다 ({line})</translation>
  </message>
  <message>
   <source>{told}nothing else of the scene is as it expects ({line})</source>
   <translation>{told}그 밖에 모델이 기대하는 것은 장면에 없습니다 ({line})</translation>
  </message>
  <message>
   <source>{name} expects {expected}, but {found}</source>
   <translation>{name}에 필요한 것은 {expected}인데, {found}</translation>
  </message>
  <message>
   <source>for {name}: {do}</source>
   <translation>{name}의 경우: {do}</translation>
  </message>
  <message>
   <source>; its pixels should then be {low} to {high} m</source>
   <translation>; 픽셀은 {low}에서 {high} m라야 합니다</translation>
  </message>
  <message>
   <source>no model fits the scene ({info}): {why}</source>
   <translation>장면({info})에 맞는 모델이 없습니다: {why}</translation>
  </message>
  <message>
   <source>no model ships with this installation</source>
   <translation>이 설치에는 모델이 들어 있지 않습니다</translation>
  </message>
  <message>
   <source>name the folder of one with --model</source>
   <translation>--model로 모델의 폴더를 지정하세요</translation>
  </message>
  <message>
   <source>the scene ({info}) fits {names}</source>
   <translation>장면({info})에 {names}이(가) 맞습니다</translation>
  </message>
  <message>
   <source>choose with --model</source>
   <translation>--model로 고르세요</translation>
  </message>
  <message>
   <source>only {share} of a field of {name} is mapped as such</source>
   <translation>{name} 밭의 {share}만 그렇게 매핑되었습니다</translation>
  </message>
  <message>
   <source>the network gives no numbers for the {shape} px tile at {places}</source>
   <translation>신경망이 {places}의 {shape} px 타일에 수를 주지 않습니다</translation>
  </message>
  <message>
   <source>scores from 0 to 1</source>
   <translation>0에서 1까지의 점수</translation>
  </message>
  <message>
   <source>try --precision fp32; if that gives none either, the model is damaged, or the scene's values are not what it was trained on (see --scale and --nodata)</source>
   <translation>--precision fp32를 써 보세요. 그래도 수가 나오지 않으면 모델이 손상되었거나, 장면의 값이 모델이 학습한 것과 다릅니다(--scale과 --nodata 참고)</translation>
  </message>
  <message>
   <source>memory ran out on {device} with a single tile of {shape} px</source>
   <translation>{device}에서 {shape} px 타일 하나로도 메모리가 모자랍니다</translation>
  </message>
  <message>
   <source>use a smaller --tile, or --device cpu</source>
   <translation>더 작은 --tile을 쓰거나 --device cpu를 쓰세요</translation>
  </message>
  <message>
   <source>--bands {bands} for models of other bands: {cards}</source>
   <translation>밴드가 다른 모델들에 --bands {bands}: {cards}</translation>
  </message>
  <message>
   <source>a scene whose bands have names</source>
   <translation>밴드에 이름이 있는 영상</translation>
  </message>
  <message>
   <source>--scale for models of other units: {units}</source>
   <translation>단위가 다른 모델들에 --scale: {units}</translation>
  </message>
  <message>
   <source>a scene that tells what its numbers mean</source>
   <translation>숫자의 의미를 스스로 알리는 영상</translation>
  </message>
  <message>
   <source>{name} maps {grid} of the scene, {name2} {grid2}</source>
   <translation>{name}은(는) 영상의 {grid}을(를), {name2}은(는) {grid2}을(를) 매핑합니다</translation>
  </message>
  <message>
   <source>models that see the same pixels</source>
   <translation>같은 픽셀을 보는 모델</translation>
  </message>
  <message>
   <source>choose the size of the pixels with --gsd METRES</source>
   <translation>--gsd METRES로 픽셀 크기를 고르십시오</translation>
  </message>
  <message>
   <source>a model of classes for a preview</source>
   <translation>미리 보기에는 클래스를 그리는 모델</translation>
  </message>
  <message>
   <source>the extent lies beside the scene</source>
   <translation>범위가 영상 밖에 있습니다</translation>
  </message>
  <message>
   <source>one that shares pixels with it</source>
   <translation>영상과 픽셀이 겹치는 범위</translation>
  </message>
  <message>
   <source>kind {kind}</source>
   <translation>종류 {kind}</translation>
  </message>
  <message>
   <source>one of {kinds}</source>
   <translation>{kinds} 중 하나</translation>
  </message>
  <message>
   <source>scene {scene}</source>
   <translation>영상 {scene}</translation>
  </message>
  <message>
   <source>a path, or a list of them</source>
   <translation>경로 또는 경로의 목록</translation>
  </message>
  <message>
   <source>side {side}</source>
   <translation>변 {side}</translation>
  </message>
  <message>
   <source>2 to 512 pixels</source>
   <translation>2~512픽셀</translation>
  </message>
  <message>
   <source>options {options}</source>
   <translation>옵션 {options}</translation>
  </message>
  <message>
   <source>an object of names and values</source>
   <translation>이름과 값의 객체</translation>
  </message>
  <message>
   <source>an extent of {area} pixels of the scene</source>
   <translation>영상 픽셀 {area}개의 범위</translation>
  </message>
  <message>
   <source>{segmented} at most for segments</source>
   <translation>세그먼트에는 최대 {segmented}</translation>
  </message>
  <message>
   <source>zoom in</source>
   <translation>확대하세요</translation>
  </message>
  <message>
   <source>the point lies beside the extent or the scene</source>
   <translation>점이 범위나 영상 밖에 있습니다</translation>
  </message>
  <message>
   <source>one on both</source>
   <translation>둘 안에 있는 점</translation>
  </message>
  <message>
   <source>a request whose numbers cannot be read: {name} {error}</source>
   <translation>숫자를 읽을 수 없는 요청: {name} {error}</translation>
  </message>
  <message>
   <source>bounds (four), height and width, and but for a map x and y</source>
   <translation>bounds(넷), height, width, 그리고 지도가 아니면 x와 y</translation>
  </message>
  <message>
   <source>move there</source>
   <translation>그곳으로 이동하세요</translation>
  </message>
  <message>
   <source>no class is mapped there</source>
   <translation>그곳에는 매핑된 클래스가 없습니다</translation>
  </message>
  <message>
   <source>a point on the map</source>
   <translation>지도 위의 점</translation>
  </message>
  <message>
   <source>the scene holds no data there</source>
   <translation>그곳에는 영상 데이터가 없습니다</translation>
  </message>
  <message>
   <source>a point on its data</source>
   <translation>데이터 위의 점</translation>
  </message>
  <message>
   <source>the extent {bounds}</source>
   <translation>범위 {bounds}</translation>
  </message>
  <message>
   <source>the least x and y before the most x and y</source>
   <translation>최소 x, y 다음에 최대 x, y</translation>
  </message>
  <message>
   <source>a screen of {height} x {width} pixels</source>
   <translation>{height} x {width}픽셀의 화면</translation>
  </message>
  <message>
   <source>1 to 8192 along a side</source>
   <translation>한 변에 1~8192</translation>
  </message>
  <message>
   <source>--max-memory {asked}</source>
   <translation>--max-memory {asked}</translation>
  </message>
  <message>
   <source>at least {asked}: {name} maps this scene in no less</source>
   <translation>적어도 {asked}: {name} 모델로 이 영상을 처리하는 데 필요한 최소량</translation>
  </message>
  <message>
   <source>memory: {planned} planned of {asked}, tiles of {tile} px</source>
   <translation>메모리: {asked} 중 {planned} 계획, {tile}px 타일</translation>
  </message>
  <message>
   <source> instead of {free_tile}</source>
   <translation>, 제한이 없으면 {free_tile}px</translation>
  </message>
  <message>
   <source>memory: {planned} may be taken, more than the {asked} of --max-memory: the least for these tiles</source>
   <translation>메모리: --max-memory의 {asked}보다 많은 {planned}이(가) 필요할 수 있습니다. 이 타일에 필요한 최소량입니다</translation>
  </message>
  <message>
   <source>the card of {name} does not say what it knows, which --novelty needs</source>
   <translation>{name}의 카드에 모델이 무엇을 아는지 나와 있지 않은데, --novelty에는 그것이 필요합니다</translation>
  </message>
  <message>
   <source>a model with geoseg:spectra on its card</source>
   <translation>카드에 geoseg:spectra가 있는 모델</translation>
  </message>
  <message>
   <source>measure it on the scenes of its training with geoseg models novelty</source>
   <translation>훈련에 쓴 장면으로 geoseg models novelty를 실행해 재십시오</translation>
  </message>
  <message>
   <source>--task {task} with {name}, which tells no objects apart</source>
   <translation>--task {task}을(를) 썼지만 {name}은(는) 객체를 구별하지 않습니다</translation>
  </message>
  <message>
   <source>a model with a depth, such as `geoseg train` makes of labels of objects</source>
   <translation>깊이가 있는 모델. 예: `geoseg train`이 객체 라벨로 만드는 모델</translation>
  </message>
  <message>
   <source>leave --task out</source>
   <translation>--task를 빼십시오</translation>
  </message>
  <message>
   <source>--{value} with polygons of objects ({name})</source>
   <translation>객체 폴리곤({name})과 함께 --{value}을(를) 썼습니다</translation>
  </message>
  <message>
   <source>--simplify, --square, --min-area or --min-score</source>
   <translation>--simplify, --square, --min-area 또는 --min-score</translation>
  </message>
  <message>
   <source>leave it out, or map classes alone with --task semantic</source>
   <translation>빼거나, --task semantic으로 클래스만 지도로 만드십시오</translation>
  </message>
  <message>
   <source>--min-score {min_score} with polygons of classes</source>
   <translation>클래스 폴리곤과 함께 --min-score {min_score}을(를) 썼습니다</translation>
  </message>
  <message>
   <source>objects, of whose pixels a score is the mean</source>
   <translation>객체. 점수는 그 픽셀들의 평균입니다</translation>
  </message>
  <message>
   <source>leave --min-score out</source>
   <translation>--min-score를 빼십시오</translation>
  </message>
  <message>
   <source>a file of polygons</source>
   <translation>폴리곤 파일</translation>
  </message>
  <message>
   <source>no font on this machine has the letters {missing}: they are boxes (install one, or name it with --font FILE)</source>
   <translation>이 컴퓨터의 어느 글꼴에도 {missing} 글자가 없어 네모로 표시됩니다 (글꼴을 설치하거나 --font FILE로 지정하세요)</translation>
  </message>
  <message>
   <source>a name that ends in {suffix}</source>
   <translation>{suffix}(으)로 끝나는 이름</translation>
  </message>
  <message>
   <source>an output of geoseg</source>
   <translation>geoseg의 출력</translation>
  </message>
  <message>
   <source>{path}: a shapefile has no place for how it was made</source>
   <translation>{path}: 셰이프파일에는 제작 과정을 적을 자리가 없습니다</translation>
  </message>
  <message>
   <source>the STAC item that predict --stac wrote, or an output in another format</source>
   <translation>predict --stac이 쓴 STAC 항목, 또는 다른 형식의 출력</translation>
  </message>
  <message>
   <source>{path} does not say how it was made</source>
   <translation>{path}에는 제작 과정이 적혀 있지 않습니다</translation>
  </message>
  <message>
   <source>an output of geoseg that holds {tag}</source>
   <translation>{tag}이(가) 들어 있는 geoseg의 출력</translation>
  </message>
  <message>
   <source>it is of an earlier version, was merged from several maps, or another program wrote it; map the scene again</source>
   <translation>이전 버전의 것이거나, 여러 지도를 합친 것이거나, 다른 프로그램이 쓴 것입니다. 영상을 다시 지도로 만드십시오</translation>
  </message>
  <message>
   <source>{path} is {none} of a map's outputs</source>
   <translation>{path}은(는) 지도의 출력 가운데 {none}입니다</translation>
  </message>
  <message>
   <source>one that is known</source>
   <translation>알려진 것</translation>
  </message>
  <message>
   <source>{path} was made by geoseg {command}</source>
   <translation>{path}은(는) geoseg {command}(으)로 만들어졌습니다</translation>
  </message>
  <message>
   <source>an output of {again}</source>
   <translation>{again}의 출력</translation>
  </message>
  <message>
   <source>{path} does not say by which model it was made</source>
   <translation>{path}에 어느 모델로 만들었는지 적혀 있지 않습니다</translation>
  </message>
  <message>
   <source>one or several</source>
   <translation>하나 또는 여러 개</translation>
  </message>
  <message>
   <source>{path} is of a scene that lay in memory, and in no file</source>
   <translation>{path}의 영상은 파일이 아니라 메모리에 있었습니다</translation>
  </message>
  <message>
   <source>an output whose scene is a file</source>
   <translation>영상이 파일인 출력</translation>
  </message>
  <message>
   <source>{name}, which was read for the map, is not there</source>
   <translation>지도를 만들 때 읽은 {name}이(가) 없습니다</translation>
  </message>
  <message>
   <source>the file as it was</source>
   <translation>그때의 파일</translation>
  </message>
  <message>
   <source>name the folder in which it lies now with --inputs</source>
   <translation>지금 있는 폴더를 --inputs로 지정하십시오</translation>
  </message>
  <message>
   <source>it was made by geoseg {geoseg} with options that this one does not have: {unknown}</source>
   <translation>이 버전에 없는 옵션으로 geoseg {geoseg}이(가) 만들었습니다: {unknown}</translation>
  </message>
  <message>
   <source>the same version</source>
   <translation>같은 버전</translation>
  </message>
  <message>
   <source>{path} does not say in which rasters</source>
   <translation>{path}에 어느 래스터인지 적혀 있지 않습니다</translation>
  </message>
  <message>
   <source>classes and depth</source>
   <translation>클래스와 깊이</translation>
  </message>
  <message>
   <source>inputs, model and machine as they were</source>
   <translation>그때와 같은 입력, 모델, 컴퓨터</translation>
  </message>
  <message>
   <source>map the scene anew, or go on with --force</source>
   <translation>영상을 새로 지도로 만들거나, --force로 계속하십시오</translation>
  </message>
  <message>
   <source>a table of a database</source>
   <translation>데이터베이스의 테이블</translation>
  </message>
  <message>
   <source>a file: of a table it is told in its comment how it was made, and predict or vectorize make it again</source>
   <translation>파일: 테이블의 경우 만들어진 방법은 그 주석에 있으며, predict나 vectorize로 다시 만듭니다</translation>
  </message>
  <message>
   <source>--out {out} for an item</source>
   <translation>항목에 대한 --out {out}</translation>
  </message>
  <message>
   <source>one of its files</source>
   <translation>그 파일 가운데 하나</translation>
  </message>
  <message>
   <source>name that file</source>
   <translation>그 파일을 지정하십시오</translation>
  </message>
  <message>
   <source>{path} ends in {suffix}</source>
   <translation>{path}이(가) {suffix}(으)로 끝납니다</translation>
  </message>
  <message>
   <source>{path} is no STAC item of a map: {error}</source>
   <translation>{path}은(는) 지도의 STAC 항목이 아닙니다: {error}</translation>
  </message>
  <message>
   <source>one of --stac</source>
   <translation>--stac이 쓴 항목</translation>
  </message>
  <message>
   <source>{file}, {kind} of {name}, is not there</source>
   <translation>{name}의 {kind}인 {file}이(가) 없습니다</translation>
  </message>
  <message>
   <source>the map's files</source>
   <translation>지도의 파일들</translation>
  </message>
  <message>
   <source>other versions: {others}</source>
   <translation>다른 버전: {others}</translation>
  </message>
  <message>
   <source>{name} is an address with a secret, which is not kept</source>
   <translation>{name}은(는) 비밀이 든 주소이며, 비밀은 보관되지 않습니다</translation>
  </message>
  <message>
   <source>the address</source>
   <translation>그 주소</translation>
  </message>
  <message>
   <source>give it with --inputs</source>
   <translation>--inputs로 지정하십시오</translation>
  </message>
  <message>
   <source>--on scene, and the scene is placed by {kind} only</source>
   <translation>--on scene인데, 장면의 위치가 {kind}로만 정해져 있습니다</translation>
  </message>
  <message>
   <source>a scene that lies on a grid of its own</source>
   <translation>자체 격자 위에 놓인 장면</translation>
  </message>
  <message>
   <source>leave --on scene out</source>
   <translation>--on scene을 빼세요</translation>
  </message>
  <message>
   <source>--on scene with regions of a scene</source>
   <translation>장면의 일부 구역과 함께 --on scene</translation>
  </message>
  <message>
   <source>model {name}: {reason}</source>
   <translation>모델 {name}: {reason}</translation>
  </message>
  <message>
   <source>pixels of the scene, which has {shape} rows and columns</source>
   <translation>장면의 픽셀. 장면의 행과 열은 {shape}</translation>
  </message>
  <message>
   <source>region {region} holds nothing of the area of interest</source>
   <translation>영역 {region}에 관심 영역이 없습니다</translation>
  </message>
  <message>
   <source>masked: {text}</source>
   <translation>마스크: {text}</translation>
  </message>
  <message>
   <source>--{alone} of a model of one class</source>
   <translation>클래스가 하나인 모델의 --{alone}</translation>
  </message>
  <message>
   <source>a model of two classes or more</source>
   <translation>클래스가 둘 이상인 모델</translation>
  </message>
  <message>
   <source>--depth with {name}, which tells no objects apart</source>
   <translation>--depth를 썼지만 {name}은(는) 객체를 구별하지 않습니다</translation>
  </message>
  <message>
   <source>leave --depth out</source>
   <translation>--depth를 빼십시오</translation>
  </message>
  <message>
   <source>--{told} with --threshold: a pixel may have several classes, or none</source>
   <translation>--threshold와 함께 --{told}이(가) 주어졌습니다: 픽셀은 여러 클래스를 갖거나 하나도 갖지 않을 수 있습니다</translation>
  </message>
  <message>
   <source>--scores writes the score of each class</source>
   <translation>--scores는 각 클래스의 점수를 씁니다</translation>
  </message>
  <message>
   <source>polygons by {name}, which gives numbers and no classes</source>
   <translation>{name}의 폴리곤: 이 모델은 클래스가 아니라 수치를 줍니다</translation>
  </message>
  <message>
   <source>a raster</source>
   <translation>래스터</translation>
  </message>
  <message>
   <source>give --out a name that ends in .tif</source>
   <translation>--out에 .tif로 끝나는 이름을 주십시오</translation>
  </message>
  <message>
   <source>--{asked} with {name}, which gives numbers and no classes</source>
   <translation>클래스가 아니라 수치를 주는 {name}에 --{asked}이(가) 주어졌습니다</translation>
  </message>
  <message>
   <source>leave --{asked} out</source>
   <translation>--{asked}을(를) 빼십시오</translation>
  </message>
  <message>
   <source>--{asked} with {name}, whose network gives classes and no scores</source>
   <translation>--{asked}: {name}의 신경망은 점수 없이 클래스만 냅니다</translation>
  </message>
  <message>
   <source>a model of scores</source>
   <translation>점수를 내는 모델</translation>
  </message>
  <message>
   <source>STAC item {label}: {names}</source>
   <translation>STAC 항목 {label}: {names}</translation>
  </message>
  <message>
   <source>; value = DN x {scale} {offset}</source>
   <translation>; 값 = DN x {scale} {offset}</translation>
  </message>
  <message>
   <source>; nodata {nodata}</source>
   <translation>; 무자료 값 {nodata}</translation>
  </message>
  <message>
   <source>--bands cannot tell which of them</source>
   <translation>--bands로는 어느 것인지 알 수 없습니다</translation>
  </message>
  <message>
   <source>none of them says which band it is</source>
   <translation>어느 것도 자신이 어떤 밴드인지 알려 주지 않습니다</translation>
  </message>
  <message>
   <source>assets for all bands of the model</source>
   <translation>모델의 모든 밴드에 해당하는 자산</translation>
  </message>
  <message>
   <source>the item gives its bands different scales or offsets: {shown}</source>
   <translation>항목이 밴드마다 다른 배율이나 오프셋을 줍니다: {shown}</translation>
  </message>
  <message>
   <source>one scaling for all bands</source>
   <translation>모든 밴드에 하나의 스케일</translation>
  </message>
  <message>
   <source>say it with --scale and --offset</source>
   <translation>--scale과 --offset으로 지정하십시오</translation>
  </message>
  <message>
   <source>the item says that the offset {offset} is to be added, and that it was applied already (boa_offset_applied)</source>
   <translation>항목은 오프셋 {offset}을 더해야 한다고 하면서 이미 적용되었다고도 합니다(boa_offset_applied)</translation>
  </message>
  <message>
   <source>say what the numbers are, such as --scale {scale} --offset 0, or --offset {offset}</source>
   <translation>--scale {scale} --offset 0 또는 --offset {offset}처럼 숫자의 뜻을 지정하십시오</translation>
  </message>
  <message>
   <source>the item gives its bands different nodata: {shown}</source>
   <translation>항목이 밴드마다 다른 nodata를 제시합니다: {shown}</translation>
  </message>
  <message>
   <source>one for all bands</source>
   <translation>모든 밴드에 공통인 하나</translation>
  </message>
  <message>
   <source>say it with --nodata</source>
   <translation>--nodata로 지정하십시오</translation>
  </message>
  <message>
   <source>the item has {paths} assets that may be rasters, and {why}</source>
   <translation>항목에 래스터일 수 있는 자산이 {paths}개 있고, {why}</translation>
  </message>
  <message>
   <source>one raster, or eo:bands or bands in each asset</source>
   <translation>래스터 하나, 또는 자산마다 eo:bands나 bands</translation>
  </message>
  <message>
   <source>no pixel of the scene is valid: the map is empty</source>
   <translation>장면에 유효한 픽셀이 없습니다: 지도가 비어 있습니다</translation>
  </message>
  <message>
   <source>--threshold with {name}, whose classes exclude each other: their scores add up to 1 ({activation})</source>
   <translation>클래스가 서로 배타적인 {name}에 --threshold가 주어졌습니다: 점수의 합이 1입니다 ({activation})</translation>
  </message>
  <message>
   <source>a model of several classes at once (sigmoid)</source>
   <translation>여러 클래스를 동시에 판정하는 모델 (sigmoid)</translation>
  </message>
  <message>
   <source>leave it out; --scores writes the score of each class</source>
   <translation>이 옵션을 빼십시오; --scores는 각 클래스의 점수를 씁니다</translation>
  </message>
  <message>
   <source>--threshold for {unknown}</source>
   <translation>{unknown}에 대한 --threshold</translation>
  </message>
  <message>
   <source>--threshold {told} has none for {lacking}</source>
   <translation>--threshold {told}에 {lacking}의 값이 없습니다</translation>
  </message>
  <message>
   <source>one for each class</source>
   <translation>클래스마다 하나씩</translation>
  </message>
  <message>
   <source>put a number for all others before them, such as 0.5,water=0.6</source>
   <translation>0.5,water=0.6처럼 나머지 모두에 대한 수를 앞에 두십시오</translation>
  </message>
  <message>
   <source>--threshold {text}</source>
   <translation>--threshold {text}</translation>
  </message>
  <message>
   <source>compiled code cannot be kept in {kernel_folders}</source>
   <translation>컴파일된 코드를 {kernel_folders}에 보관할 수 없습니다</translation>
  </message>
  <message>
   <source>set GEOSEG_CACHE to a folder that this user may write, and others may not</source>
   <translation>GEOSEG_CACHE를 이 사용자만 쓸 수 있는 폴더로 지정하십시오</translation>
  </message>
  <message>
   <source>compiling {lacking}</source>
   <translation>{lacking} 컴파일 중</translation>
  </message>
  <message>
   <source>converting {name}</source>
   <translation>{name} 변환 중</translation>
  </message>
  <message>
   <source>name one of its {inner} parts, such as {inner2}</source>
   <translation>{inner}개 부분 중 하나를 지정하세요. 예: {inner2}</translation>
  </message>
  <message>
   <source>{path} holds no raster bands of its own</source>
   <translation>{path}에는 자신의 래스터 밴드가 없습니다</translation>
  </message>
  <message>
   <source>a raster, or the files of its bands</source>
   <translation>래스터, 또는 그 밴드 파일들</translation>
  </message>
  <message>
   <source>{classes} and {confidence} do not fit together</source>
   <translation>{classes}와(과) {confidence}은(는) 서로 맞지 않습니다</translation>
  </message>
  <message>
   <source>{values} bands on one grid</source>
   <translation>한 격자 위의 밴드 {values}개</translation>
  </message>
  <message>
   <source>{confidence} has not the size of {classes}</source>
   <translation>{confidence}의 크기가 {classes}와(과) 다릅니다</translation>
  </message>
  <message>
   <source>a confidence raster of the same scene</source>
   <translation>같은 장면의 신뢰도 래스터</translation>
  </message>
  <message>
   <source>{path} says that it holds {kind}</source>
   <translation>{path}에는 {kind}이(가) 들어 있다고 적혀 있습니다</translation>
  </message>
  <message>
   <source>{what} in percent</source>
   <translation>퍼센트로 된 {what}</translation>
  </message>
  <message>
   <source>geoseg predict --{what} writes such a raster</source>
   <translation>geoseg predict --{what}이 그런 래스터를 씁니다</translation>
  </message>
  <message>
   <source>{path} has {bands} bands of {dtype}</source>
   <translation>{path}의 밴드는 {dtype} 형의 {bands}개입니다</translation>
  </message>
  <message>
   <source>{what} in percent: one of uint8</source>
   <translation>퍼센트로 된 {what}: uint8 하나</translation>
  </message>
  <message>
   <source>{path} has {images} bands</source>
   <translation>{path}의 밴드는 {images}개입니다</translation>
  </message>
  <message>
   <source>one band of class values</source>
   <translation>클래스 값의 밴드 하나</translation>
  </message>
  <message>
   <source>if one of them holds classes, name it with {option} N; </source>
   <translation>그중 하나에 클래스가 있으면 {option} N으로 지정하세요; </translation>
  </message>
  <message>
   <source>a picture or a scene holds none</source>
   <translation>사진이나 장면에는 없습니다</translation>
  </message>
  <message>
   <source>{path} holds {dtype} numbers</source>
   <translation>{path}의 수는 {dtype}입니다</translation>
  </message>
  <message>
   <source>whole numbers, one for each class</source>
   <translation>클래스마다 하나의 정수</translation>
  </message>
  <message>
   <source>{path} holds the value {beyond}</source>
   <translation>{path}에 값 {beyond}이(가) 있습니다</translation>
  </message>
  <message>
   <source>class values from {largest} to {largest2}</source>
   <translation>{largest}에서 {largest2}까지의 클래스 값</translation>
  </message>
  <message>
   <source>{path} holds more than {most} different values</source>
   <translation>{path}에 서로 다른 값이 {most}개보다 많습니다</translation>
  </message>
  <message>
   <source>if these are measurements, {reclassify}</source>
   <translation>측정값이면 {reclassify}</translation>
  </message>
  <message>
   <source>a band of {path}: one of {numbers}</source>
   <translation>{path}의 밴드: {numbers} 중 하나</translation>
  </message>
  <message>
   <source>{path} holds fractions, such as {broken}</source>
   <translation>{path}에 {broken} 같은 소수가 있습니다</translation>
  </message>
  <message>
   <source>the scene's {kind} miss the polynomial through them by {miss} px on average: the map may be shifted as far</source>
   <translation>장면의 {kind}이(가) 그에 맞춘 다항식과 평균 {miss} px 어긋납니다. 지도가 그만큼 밀릴 수 있습니다</translation>
  </message>
  <message>
   <source>the scene is placed by rational polynomial coefficients (RPC) over flat ground, {height_off} m above the ellipsoid: where the ground is higher or lower, the map is shifted</source>
   <translation>장면의 위치를 타원체에서 {height_off} m 높이의 평평한 땅에 대한 유리 다항식 계수(RPC)로 정했습니다. 땅이 더 높거나 낮은 곳에서는 지도가 밀립니다</translation>
  </message>
  <message>
   <source>the scene's {kind} place no pixel</source>
   <translation>장면의 {kind}로는 어떤 픽셀의 위치도 정해지지 않습니다</translation>
  </message>
  <message>
   <source>some that do, such as three ground control points that are not on a line</source>
   <translation>위치를 정하는 것, 예를 들어 한 직선 위에 있지 않은 지상 기준점 세 개</translation>
  </message>
  <message>
   <source>rectify it with the program that it comes from</source>
   <translation>장면을 만든 프로그램으로 정사 보정하세요</translation>
  </message>
  <message>
   <source>see whether the address is right</source>
   <translation>주소가 맞는지 확인하십시오</translation>
  </message>
  <message>
   <source>try again later</source>
   <translation>나중에 다시 시도하십시오</translation>
  </message>
  <message>
   <source>see to the credentials, or whether the signature of the address has expired</source>
   <translation>자격 증명을 확인하거나 주소의 서명이 만료되었는지 확인하십시오</translation>
  </message>
  <message>
   <source>what lies in the folder {location} is not listed by its server</source>
   <translation>{location} 폴더에 무엇이 있는지 서버가 목록을 알려 주지 않습니다</translation>
  </message>
  <message>
   <source>the address of a file</source>
   <translation>파일의 주소</translation>
  </message>
  <message>
   <source>give that of the product's zip file, or of its metadata, such as MTD_MSIL2A.xml, metadata.xml or ..._MTL.txt</source>
   <translation>제품의 zip 파일이나 메타데이터(MTD_MSIL2A.xml, metadata.xml, ..._MTL.txt 등)의 주소를 지정하십시오</translation>
  </message>
  <message>
   <source>{location} is larger than {max_size} MB</source>
   <translation>{location}이(가) {max_size} MB보다 큽니다</translation>
  </message>
  <message>
   <source>at most {max_size} bytes</source>
   <translation>최대 {max_size}바이트</translation>
  </message>
  <message>
   <source>{location} was not given: the server answers {code} {reason}</source>
   <translation>{location}을(를) 받지 못했습니다. 서버의 응답: {code} {reason}</translation>
  </message>
  <message>
   <source>{location} does not exist</source>
   <translation>{location}이(가) 없습니다</translation>
  </message>
  <message>
   <source>{location} cannot be read: {name}</source>
   <translation>{location}을(를) 읽을 수 없습니다: {name}</translation>
  </message>
  <message>
   <source>{name} is placed by {kind} only, not yet brought to a map grid</source>
   <translation>{name}의 위치는 {kind}(으)로만 정해져 있고, 아직 지도 격자로 옮겨지지 않았습니다</translation>
  </message>
  <message>
   <source>a raster with a geotransform</source>
   <translation>지오트랜스폼이 있는 래스터</translation>
  </message>
  <message>
   <source>rectify it first: gdalwarp {flag} {name} rectified.tif</source>
   <translation>먼저 보정하세요: gdalwarp {flag} {name} rectified.tif</translation>
  </message>
  <message>
   <source>{name} has a georeference that is no place: {transform}</source>
   <translation>{name}의 지오레퍼런스가 장소가 아닙니다: {transform}</translation>
  </message>
  <message>
   <source>coordinates within {farthest} of 0</source>
   <translation>0에서 {farthest} 이내의 좌표</translation>
  </message>
  <message>
   <source>set it right with gdal_edit.py -a_ullr, or remove it with gdal_edit.py -unsetgt</source>
   <translation>gdal_edit.py -a_ullr로 바로잡거나, gdal_edit.py -unsetgt로 지우세요</translation>
  </message>
  <message>
   <source>{name} has a georeference in which a pixel has no area: {transform}</source>
   <translation>{name}의 지오레퍼런스에서는 픽셀에 넓이가 없습니다: {transform}</translation>
  </message>
  <message>
   <source>pixels of some width and height</source>
   <translation>너비와 높이가 있는 픽셀</translation>
  </message>
  <message>
   <source>the path of a raster</source>
   <translation>래스터의 경로</translation>
  </message>
  <message>
   <source>{path} is a link to {path2}, which does not exist</source>
   <translation>{path}은(는) 존재하지 않는 {path2}에 대한 링크입니다</translation>
  </message>
  <message>
   <source>{path} is a folder</source>
   <translation>{path}은(는) 폴더입니다</translation>
  </message>
  <message>
   <source>raster files</source>
   <translation>래스터 파일</translation>
  </message>
  <message>
   <source>name the files of its bands, or a whole Sentinel-2 product (.SAFE)</source>
   <translation>밴드 파일들을 지정하거나 Sentinel-2 제품 전체(.SAFE)를 지정하세요</translation>
  </message>
  <message>
   <source>{path} cannot be read: permission denied</source>
   <translation>{path}을(를) 읽을 수 없습니다: 권한 없음</translation>
  </message>
  <message>
   <source>{path} is empty (0 bytes)</source>
   <translation>{path}이(가) 비어 있습니다(0바이트)</translation>
  </message>
  <message>
   <source>{path} is cut off: its last line is missing</source>
   <translation>{path}이(가) 잘려 있습니다: 마지막 줄이 없습니다</translation>
  </message>
  <message>
   <source>what the raster's program wrote beside it, whole</source>
   <translation>래스터를 만든 프로그램이 옆에 쓴 파일 전체</translation>
  </message>
  <message>
   <source>fetch it again, or take it away where nothing in it counts</source>
   <translation>다시 받거나, 그 안에 필요한 것이 없으면 치우세요</translation>
  </message>
  <message>
   <source>{path} is cut off: the end of the PNG is missing</source>
   <translation>{path}이(가) 잘려 있습니다: PNG의 끝이 없습니다</translation>
  </message>
  <message>
   <source>fetch the file again</source>
   <translation>파일을 다시 받으세요</translation>
  </message>
  <message>
   <source>{path} was changed while it was read</source>
   <translation>{path}을(를) 읽는 동안 파일이 바뀌었습니다</translation>
  </message>
  <message>
   <source>start again, once it is whole</source>
   <translation>파일이 온전해진 뒤 다시 시작하세요</translation>
  </message>
  <message>
   <source>{path} names its CRS in bytes that are no UTF-8: {object}</source>
   <translation>{path}의 좌표계 이름이 UTF-8이 아닌 바이트로 적혀 있습니다: {object}</translation>
  </message>
  <message>
   <source>a CRS written in UTF-8</source>
   <translation>UTF-8로 적힌 좌표계</translation>
  </message>
  <message>
   <source>write the CRS that it is in anew, such as gdal_edit.py -a_srs EPSG:CODE</source>
   <translation>파일의 실제 좌표계를 다시 쓰세요. 예: gdal_edit.py -a_srs EPSG:CODE</translation>
  </message>
  <message>
   <source>{path} cannot be opened as a raster: {path2}</source>
   <translation>{path}을(를) 래스터로 열 수 없습니다: {path2}</translation>
  </message>
  <message>
   <source>a file that GDAL reads, such as GeoTIFF or JPEG 2000</source>
   <translation>GeoTIFF나 JPEG 2000처럼 GDAL이 읽는 파일</translation>
  </message>
  <message>
   <source>see that it is complete and not something else</source>
   <translation>파일이 온전하고 다른 것이 아닌지 보세요</translation>
  </message>
  <message>
   <source>the name of a file</source>
   <translation>파일 이름</translation>
  </message>
  <message>
   <source>choose another name, or replace the layers of its map with --overwrite</source>
   <translation>다른 이름을 고르거나, --overwrite로 그 지도의 레이어를 바꾸십시오</translation>
  </message>
  <message>
   <source>{path} exists already</source>
   <translation>{path}이(가) 이미 있습니다</translation>
  </message>
  <message>
   <source>the folder {folder} does not exist</source>
   <translation>폴더 {folder}이(가) 없습니다</translation>
  </message>
  <message>
   <source>create it first</source>
   <translation>먼저 만드세요</translation>
  </message>
  <message>
   <source>the folder {folder} cannot be written</source>
   <translation>폴더 {folder}에 쓸 수 없습니다</translation>
  </message>
  <message>
   <source>choose another place, or change its permissions</source>
   <translation>다른 곳을 고르거나 권한을 바꾸세요</translation>
  </message>
  <message>
   <source>{path} is no file but a device, a pipe or a link to itself</source>
   <translation>{path}은(는) 파일이 아니라 장치, 파이프, 또는 자신을 가리키는 링크입니다</translation>
  </message>
  <message>
   <source>{table}, a table without a {name}, would be replaced</source>
   <translation>{name}이(가) 없는 표 {table}이(가) 바뀌게 됩니다</translation>
  </message>
  <message>
   <source>{names} of an earlier {name} would be taken for parts of the new one</source>
   <translation>전의 {name}에 딸린 {names}이(가) 새것의 일부로 여겨지게 됩니다</translation>
  </message>
  <message>
   <source>remove what is left in {parent}, or replace it with --overwrite</source>
   <translation>{parent}에 남은 것을 지우거나 --overwrite로 바꾸세요</translation>
  </message>
  <message>
   <source>choose another name, add a layer with '{path}|layername=NAME', or replace its layer with --overwrite</source>
   <translation>다른 이름을 고르거나, '{path}|layername=NAME'으로 레이어를 더하거나, --overwrite로 그 레이어를 바꾸세요</translation>
  </message>
  <message>
   <source>{path} cannot be replaced: {strerror}</source>
   <translation>{path}을(를) 바꿀 수 없습니다: {strerror}</translation>
  </message>
  <message>
   <source>close it in other programs, change its permissions, or choose another name</source>
   <translation>다른 프로그램에서 닫거나, 권한을 바꾸거나, 다른 이름을 고르세요</translation>
  </message>
  <message>
   <source>{other} and {path} are the same file</source>
   <translation>{other}과(와) {path}은(는) 같은 파일입니다</translation>
  </message>
  <message>
   <source>one file for each output</source>
   <translation>출력마다 파일 하나</translation>
  </message>
  <message>
   <source>give one of them another name</source>
   <translation>그중 하나에 다른 이름을 주세요</translation>
  </message>
  <message>
   <source>{what} an input as well: {text}</source>
   <translation>{what} 입력이기도 합니다: {text}</translation>
  </message>
  <message>
   <source>{location} is not a whole address</source>
   <translation>{location}은(는) 완전한 주소가 아닙니다</translation>
  </message>
  <message>
   <source>https://server/file.tif, s3://bucket/file.tif, gs://bucket/file.tif or az://container/file.tif</source>
   <translation>https://server/file.tif, s3://bucket/file.tif, gs://bucket/file.tif 또는 az://container/file.tif</translation>
  </message>
  <message>
   <source>{path} does not lie on this machine</source>
   <translation>{path}은(는) 이 컴퓨터에 있지 않습니다</translation>
  </message>
  <message>
   <source>a file or folder here: an output appears whole, under its name, when it is done</source>
   <translation>이 컴퓨터의 파일이나 폴더. 출력은 완성된 뒤에 제 이름으로 한꺼번에 나타납니다</translation>
  </message>
  <message>
   <source>write it here, and copy it with the program of the cloud</source>
   <translation>여기에 쓴 다음 클라우드의 프로그램으로 복사하십시오</translation>
  </message>
  <message>
   <source>{name} has {shape} rows and columns</source>
   <translation>{name}의 행과 열은 {shape}입니다</translation>
  </message>
  <message>
   <source>remove it and run again</source>
   <translation>지우고 다시 실행하세요</translation>
  </message>
  <message>
   <source>a picture holds no objects</source>
   <translation>그림에는 객체가 없습니다</translation>
  </message>
  <message>
   <source>{path} holds numbers of the type {dtype}</source>
   <translation>{path}에 {dtype} 형의 숫자가 있습니다</translation>
  </message>
  <message>
   <source>object numbers: whole ones, such as of uint32, 0 where there is no object</source>
   <translation>객체 번호: uint32 같은 정수, 객체가 없는 곳은 0</translation>
  </message>
  <message>
   <source>{path} holds the number {high}</source>
   <translation>{path}에 숫자 {high}이(가) 있습니다</translation>
  </message>
  <message>
   <source>whole numbers that are 0 where there is no object, {most} at most</source>
   <translation>객체가 없는 곳은 0이고 최대 {most}인 정수</translation>
  </message>
  <message>
   <source>geoseg objects --raster writes one</source>
   <translation>geoseg objects --raster가 만듭니다</translation>
  </message>
  <message>
   <source>{where}: the server did not give it, asked {tries} times ({path})</source>
   <translation>{where}: 서버에 {tries}번 요청했으나 주지 않았습니다({path})</translation>
  </message>
  <message>
   <source>see that it can be reached and that the file is whole, or fetch the file first</source>
   <translation>서버에 접속할 수 있고 파일이 온전한지 확인하거나, 먼저 파일을 내려받으십시오</translation>
  </message>
  <message>
   <source>{where}: a file that it is made of did not give it ({path})</source>
   <translation>{where}: 이루는 파일 가운데 하나가 내주지 않았습니다 ({path})</translation>
  </message>
  <message>
   <source>see that all its files are there, and whole</source>
   <translation>모든 파일이 온전히 있는지 확인하세요</translation>
  </message>
  <message>
   <source>{where}: the file is cut off or damaged</source>
   <translation>{where}: 파일이 잘렸거나 손상되었습니다</translation>
  </message>
  <message>
   <source>fetch or copy it again</source>
   <translation>다시 받거나 복사하세요</translation>
  </message>
  <message>
   <source>{path} is missing</source>
   <translation>{path}이(가) 없습니다</translation>
  </message>
  <message>
   <source>all files of the product</source>
   <translation>제품의 모든 파일</translation>
  </message>
  <message>
   <source>{path} is larger than {limit} MB</source>
   <translation>{path}이(가) {limit} MB보다 큽니다</translation>
  </message>
  <message>
   <source>a product's metadata</source>
   <translation>제품의 메타데이터</translation>
  </message>
  <message>
   <source>{name} is in {one}, which cannot be related to {two} of {other}</source>
   <translation>{name}은(는) {one}인데, {other}의 {two}와(과) 관련지을 수 없습니다</translation>
  </message>
  <message>
   <source>two systems that are tied to the same Earth</source>
   <translation>같은 지구에 묶인 두 좌표계</translation>
  </message>
  <message>
   <source>where its true CRS is known, give it that: gdal_edit.py -a_srs for a raster, ogr2ogr -a_srs for vector data</source>
   <translation>참 좌표계를 알면 그것을 주세요: 래스터는 gdal_edit.py -a_srs, 벡터 자료는 ogr2ogr -a_srs</translation>
  </message>
  <message>
   <source>{name} cannot be brought to another CRS: PROJ does not know its own, {longest}</source>
   <translation>{name}을(를) 다른 좌표계로 옮길 수 없습니다: PROJ가 그 좌표계 {longest}을(를) 모릅니다</translation>
  </message>
  <message>
   <source>one such as EPSG:32632</source>
   <translation>EPSG:32632 같은 것</translation>
  </message>
  <message>
   <source>{path}: {done} of {area} pixels were written</source>
   <translation>{path}: {area} 픽셀 중 {done}개가 쓰였습니다</translation>
  </message>
  <message>
   <source>all of them</source>
   <translation>모두</translation>
  </message>
  <message>
   <source>{path} did not reach the disk as it was written</source>
   <translation>{path}이(가) 쓴 그대로 디스크에 닿지 않았습니다</translation>
  </message>
  <message>
   <source>check the disk</source>
   <translation>디스크를 검사하세요</translation>
  </message>
  <message>
   <source>{location} is a packed tar file, which tells what it holds only to who fetches all</source>
   <translation>{location}은(는) 압축된 tar 파일이어서 전부 내려받아야만 내용을 알 수 있습니다</translation>
  </message>
  <message>
   <source>a zip file, or a tar file that is not packed</source>
   <translation>zip 파일 또는 압축되지 않은 tar 파일</translation>
  </message>
  <message>
   <source>give the address of the product's metadata or folder, or fetch it first</source>
   <translation>제품의 메타데이터나 폴더의 주소를 지정하거나, 먼저 내려받으십시오</translation>
  </message>
  <message>
   <source>a {kind} file</source>
   <translation>{kind} 파일</translation>
  </message>
  <message>
   <source>the folder {path} cannot be read: {strerror}</source>
   <translation>폴더 {path}을(를) 읽을 수 없습니다: {strerror}</translation>
  </message>
  <message>
   <source>{whole} cannot be read: {error}</source>
   <translation>{whole}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{whole} is damaged: {error}</source>
   <translation>{whole}이(가) 손상되었습니다: {error}</translation>
  </message>
  <message>
   <source>{length} px</source>
   <translation>{length} px</translation>
  </message>
  <message>
   <source>a picture {width} pixels wide</source>
   <translation>너비가 {width} 픽셀인 그림</translation>
  </message>
  <message>
   <source>{least} to {most}</source>
   <translation>{least}부터 {most}까지</translation>
  </message>
  <message>
   <source>--font {path} cannot be read: {error}</source>
   <translation>--font {path}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>a .ttf, .ttc or .otf</source>
   <translation>.ttf, .ttc 또는 .otf 글꼴</translation>
  </message>
  <message>
   <source>{label}: reflectance = DN by the gain of each band, from {name}</source>
   <translation>{label}: 반사율 = 밴드별 이득에 따른 DN, 출처 {name}</translation>
  </message>
  <message>
   <source>{label}: its metadata give no reflectance</source>
   <translation>{label}: 메타데이터가 반사율을 알려 주지 않습니다</translation>
  </message>
  <message>
   <source>DIMAP metadata</source>
   <translation>DIMAP 메타데이터</translation>
  </message>
  <message>
   <source>{path}: {tag} is {text}</source>
   <translation>{path}: {tag}이(가) {text}입니다</translation>
  </message>
  <message>
   <source>a word</source>
   <translation>낱말 하나</translation>
  </message>
  <message>
   <source>{path} names {found} bands ({found2}), its raster has {count}</source>
   <translation>{path}에는 밴드 {found}개({found2})가 적혀 있지만 래스터에는 {count}개가 있습니다</translation>
  </message>
  <message>
   <source>the same bands</source>
   <translation>같은 밴드</translation>
  </message>
  <message>
   <source>{path}: GAIN is {gain}</source>
   <translation>{path}: GAIN이 {gain}입니다</translation>
  </message>
  <message>
   <source>a number above 0</source>
   <translation>0보다 큰 수</translation>
  </message>
  <message>
   <source>a file is named twice: {scene}</source>
   <translation>한 파일이 두 번 지정되었습니다: {scene}</translation>
  </message>
  <message>
   <source>{path} has no band {index}</source>
   <translation>{path}에 밴드 {index}이(가) 없습니다</translation>
  </message>
  <message>
   <source>the bands that its metadata name</source>
   <translation>메타데이터에 적힌 밴드</translation>
  </message>
  <message>
   <source>{path} holds several bands</source>
   <translation>{path}에 밴드가 여러 개 있습니다</translation>
  </message>
  <message>
   <source>one, as in the product</source>
   <translation>제품에서처럼 하나</translation>
  </message>
  <message>
   <source>{path} is placed by {kind} only, beside other files</source>
   <translation>{path}의 위치가 {kind}로만 정해져 있고, 다른 파일이 함께 있습니다</translation>
  </message>
  <message>
   <source>one file with all bands, or files that lie on a grid</source>
   <translation>모든 밴드가 든 파일 하나, 또는 격자 위에 놓인 파일들</translation>
  </message>
  <message>
   <source>put them into one file with gdalbuildvrt -separate, or rectify them with gdalwarp</source>
   <translation>gdalbuildvrt -separate로 한 파일에 모으거나, gdalwarp로 정사 보정하세요</translation>
  </message>
  <message>
   <source>--nodata {nodata}</source>
   <translation>--nodata {nodata}</translation>
  </message>
  <message>
   <source>a number that {dtype} can hold</source>
   <translation>{dtype}에 담을 수 있는 수</translation>
  </message>
  <message>
   <source>{path} and {path2} differ in their coordinate reference system</source>
   <translation>{path}과(와) {path2}의 좌표계가 다릅니다</translation>
  </message>
  <message>
   <source>bands of one scene, all in the same CRS</source>
   <translation>모두 같은 좌표계인, 한 장면의 밴드</translation>
  </message>
  <message>
   <source>bring them to one with gdalwarp -t_srs</source>
   <translation>gdalwarp -t_srs로 하나로 맞추세요</translation>
  </message>
  <message>
   <source>nor does {name} fit the scene's {aspect}: {found}; expected {expected}</source>
   <translation>장면의 {aspect}도 {name}에 맞지 않습니다: {found}; 기대한 것: {expected}</translation>
  </message>
  <message>
   <source>nor does {name} fit the scene's {aspect}: {found}; expected {expected}; {do}</source>
   <translation>장면의 {aspect}도 {name}에 맞지 않습니다: {found}; 기대한 것: {expected}; {do}</translation>
  </message>
  <message>
   <source>{other}; to map it all the same, say how its numbers become reflectance: {numbers}</source>
   <translation>{other}. 그래도 매핑하려면 수가 어떻게 반사율이 되는지 말해 주세요: {numbers}</translation>
  </message>
  <message>
   <source>{other}, or say with --scale and --offset how the file's numbers become {values}</source>
   <translation>{other}. 또는 파일의 수가 어떻게 {values}이(가) 되는지 --scale과 --offset으로 말해 주세요</translation>
  </message>
  <message>
   <source>the scene calls its bands {names}, which tells nothing here: they are taken for {colours}, as the file shows them; if they are others, name them with --bands</source>
   <translation>장면이 밴드를 {names}(이)라 부르는데 여기서는 알 수 없습니다: 파일이 보여 주는 대로 {colours}(으)로 봅니다; 다른 밴드이면 --bands로 정하십시오</translation>
  </message>
  <message>
   <source>--scale was given without --offset, so that none is added; {known} says {offset}: if the file's numbers still hold it, give --offset {offset2}</source>
   <translation>--offset 없이 --scale이 주어져 오프셋을 더하지 않습니다. {known}에 따르면 {offset}입니다. 파일의 수에 아직 들어 있으면 --offset {offset2}을(를) 주세요</translation>
  </message>
  <message>
   <source>the scene is of {name}</source>
   <translation>장면은 {name}의 것입니다</translation>
  </message>
  <message>
   <source>the scene is of {name}, with pixels of {gsd} m</source>
   <translation>장면은 {name}의 것이며 픽셀 크기는 {gsd} m입니다</translation>
  </message>
  <message>
   <source>{sensor}, on which {name} was trained</source>
   <translation>{name}이(가) 학습한 {sensor}</translation>
  </message>
  <message>
   <source>{label}: reflectance = {scaling}, as in every such product</source>
   <translation>{label}: 반사율 = {scaling}, 이런 제품은 모두 그렇습니다</translation>
  </message>
  <message>
   <source>{path} lies on {found}, its item says {said} (proj:)</source>
   <translation>{path}의 위치는 {found}인데, 그 항목은 {said}라고 합니다(proj:)</translation>
  </message>
  <message>
   <source>the same</source>
   <translation>같은 것</translation>
  </message>
  <message>
   <source>name the file itself if it is the right one</source>
   <translation>이 파일이 맞다면 파일 자체를 지정하십시오</translation>
  </message>
  <message>
   <source>the item says that {nodata} is nodata, the file says {values}</source>
   <translation>항목은 무자료 값이 {nodata}라고 하고, 파일은 {values}라고 합니다</translation>
  </message>
  <message>
   <source>say which with --nodata</source>
   <translation>--nodata로 지정하십시오</translation>
  </message>
  <message>
   <source>{path} has {found} bands, its item says {count}</source>
   <translation>{path}에는 밴드가 {found}개 있는데, 항목은 {count}개라고 합니다</translation>
  </message>
  <message>
   <source>the item says value = DN x {said} {said2}, file or product say x {scale} {offset}</source>
   <translation>항목은 값 = DN x {said} {said2}라고 하고, 파일이나 산출물은 x {scale} {offset}라고 합니다</translation>
  </message>
  <message>
   <source>say which with --scale and --offset</source>
   <translation>--scale과 --offset으로 어느 쪽인지 지정하십시오</translation>
  </message>
  <message>
   <source>the item says the CRS {code}</source>
   <translation>항목이 말하는 CRS는 {code}입니다</translation>
  </message>
  <message>
   <source>such as EPSG:32633</source>
   <translation>EPSG:32633 등</translation>
  </message>
  <message>
   <source>of each band's own</source>
   <translation>밴드마다 다름</translation>
  </message>
  <message>
   <source>{label}: reflectance = {how}, from the product's metadata (MTL){sun}</source>
   <translation>{label}: 반사율 = {how}, 제품의 메타데이터(MTL)에서{sun}</translation>
  </message>
  <message>
   <source>{path} has no group PRODUCT_CONTENTS</source>
   <translation>{path}에 PRODUCT_CONTENTS 그룹이 없습니다</translation>
  </message>
  <message>
   <source>Landsat's metadata (MTL)</source>
   <translation>Landsat의 메타데이터(MTL)</translation>
  </message>
  <message>
   <source>{path}: none of the product's reflective bands is there, such as {missing}</source>
   <translation>{path}: {missing} 등 제품의 반사 밴드가 하나도 없습니다</translation>
  </message>
  <message>
   <source>{path} names no reflective band</source>
   <translation>{path}에 반사 밴드가 적혀 있지 않습니다</translation>
  </message>
  <message>
   <source>the files of the bands beside their metadata</source>
   <translation>메타데이터 옆에 있는 밴드 파일</translation>
  </message>
  <message>
   <source>{path} names the spacecraft {spacecraft_id}</source>
   <translation>{path}에 적힌 위성은 {spacecraft_id}입니다</translation>
  </message>
  <message>
   <source>a Landsat</source>
   <translation>Landsat 위성</translation>
  </message>
  <message>
   <source>{path} is of collection {collection}, level {level}</source>
   <translation>{path}은(는) 컬렉션 {collection}, 수준 {level}입니다</translation>
  </message>
  <message>
   <source>Collection 1 or 2, such as L1TP or L2SP</source>
   <translation>컬렉션 1 또는 2, 예를 들어 L1TP 또는 L2SP</translation>
  </message>
  <message>
   <source>{path}: the sun stands at {sun} degrees</source>
   <translation>{path}: 태양 고도가 {sun}도입니다</translation>
  </message>
  <message>
   <source>a scene by day, with reflectance</source>
   <translation>반사율이 있는 낮 장면</translation>
  </message>
  <message>
   <source>{gdal_path}: {key} is {file}</source>
   <translation>{gdal_path}: {key}이(가) {file}입니다</translation>
  </message>
  <message>
   <source>a file of the product</source>
   <translation>제품의 파일</translation>
  </message>
  <message>
   <source>do not trust this product</source>
   <translation>이 제품을 믿지 마세요</translation>
  </message>
  <message>
   <source>{path}: {key} is {text}</source>
   <translation>{path}: {key}이(가) {text}입니다</translation>
  </message>
  <message>
   <source>the scene's pixels are {sides}</source>
   <translation>장면의 픽셀이 {sides}입니다</translation>
  </message>
  <message>
   <source>the scene's pixels are {short} x {long} m: {name} knows square ones</source>
   <translation>장면의 픽셀이 {short} x {long} m입니다. {name}은(는) 정사각형 픽셀을 압니다</translation>
  </message>
  <message>
   <source>the scene's pixels are turned by {angle} degrees: {name} knows north up</source>
   <translation>장면의 픽셀이 {angle}도 돌아가 있습니다. {name}은(는) 북쪽이 위인 장면을 압니다</translation>
  </message>
  <message>
   <source>the scene's pixels are sheared on the ground: {name} knows square ones</source>
   <translation>장면의 픽셀이 지면에서 비스듬히 기울어져 있습니다. {name}은(는) 정사각형 픽셀을 압니다</translation>
  </message>
  <message>
   <source>the map's pixels are {size} m, {name} was trained for {low} to {high} m: gone on because of --force</source>
   <translation>지도의 픽셀이 {size} m이고, {name}은(는) {low}~{high} m에 대해 학습했습니다: --force로 계속합니다</translation>
  </message>
  <message>
   <source>pixels of {sides} become {size} m, {times} times larger or smaller: gone on because of --force</source>
   <translation>{sides}인 픽셀이 {times}배 차이 나는 {size} m가 됩니다: --force로 계속합니다</translation>
  </message>
  <message>
   <source>the scene's pixels are {sides}, {name} sees {size} m: resampling adds no detail to coarse pixels, and small things may be missed or wrong</source>
   <translation>장면의 픽셀은 {sides}, {name}이(가) 보는 픽셀은 {size} m입니다. 다시 표본화해도 거친 픽셀이 자세해지지는 않으므로, 작은 것이 빠지거나 틀릴 수 있습니다</translation>
  </message>
  <message>
   <source>in {crs} the map's pixels are {sides} on the ground: {name} knows square ones</source>
   <translation>{crs}에서 지도의 픽셀은 지면에서 {sides}입니다. {name}은(는) 정사각형 픽셀을 압니다</translation>
  </message>
  <message>
   <source>resampled: {sides} -&gt; {size} m ({bilinear}), {place}, {width} x {height} -&gt; {width2} x {height2} px</source>
   <translation>다시 표본화: {sides} -&gt; {size} m ({bilinear}), {place}, {width} x {height} -&gt; {width2} x {height2} px</translation>
  </message>
  <message>
   <source>resampled: {sides}, turned by {angle} degrees -&gt; {size} m ({bilinear}), {place}, {width} x {height} -&gt; {width2} x {height2} px</source>
   <translation>다시 표본화: {sides}, {angle}도 회전 -&gt; {size} m ({bilinear}), {place}, {width} x {height} -&gt; {width2} x {height2} px</translation>
  </message>
  <message>
   <source>{low} to {high} m</source>
   <translation>{low}에서 {high} m</translation>
  </message>
  <message>
   <source>square ones of {low} to {high} m</source>
   <translation>{low}에서 {high} m의 정사각형</translation>
  </message>
  <message>
   <source>the scene is so large that pixels of one size in {wkt} differ by {sizes} times on the ground</source>
   <translation>장면이 너무 커서 {wkt}에서 같은 크기인 픽셀이 지면에서는 {sizes}배까지 차이 납니다</translation>
  </message>
  <message>
   <source>at most {uneven} times</source>
   <translation>최대 {uneven}배</translation>
  </message>
  <message>
   <source>name a CRS that is true all over it with --crs, or map it as it lies with --gsd native</source>
   <translation>--crs로 장면 전체에서 잘 맞는 좌표계를 정하거나, --gsd native로 있는 그대로 지도를 만드세요</translation>
  </message>
  <message>
   <source>{problem}, {name} was trained for {expected}: gone on because of --force</source>
   <translation>{problem}. {name}은(는) {expected}에 대해 학습했습니다: --force로 계속합니다</translation>
  </message>
  <message>
   <source>leave --gsd native out: they are resampled to those of the model</source>
   <translation>--gsd native를 빼세요. 모델의 픽셀 크기로 다시 표본화됩니다</translation>
  </message>
  <message>
   <source>{low} to {high} m, or at most {furthest} times larger or smaller than the {size} m to which they are resampled (these are {times} times)</source>
   <translation>{low}~{high} m, 또는 다시 표본화할 크기인 {size} m와 {furthest}배까지 차이 나는 것(지금은 {times}배)</translation>
  </message>
  <message>
   <source>--gsd {nearest} is nearer, and {name} knows it; or go on with --force</source>
   <translation>--gsd {nearest}이(가) 더 가깝고 {name}도 아는 크기입니다. 아니면 --force로 계속하세요</translation>
  </message>
  <message>
   <source>choose another model or scene, or go on with --force</source>
   <translation>다른 모델이나 장면을 고르거나, --force로 계속하세요</translation>
  </message>
  <message>
   <source>the middle of the scene lies at x {x}, y {y}, which is no place on the Earth in its coordinate reference system</source>
   <translation>장면의 가운데가 x {x}, y {y}에 있으며, 그 좌표계에서는 지구 위의 위치가 아닙니다</translation>
  </message>
  <message>
   <source>a scene that lies on it</source>
   <translation>지구 위에 있는 장면</translation>
  </message>
  <message>
   <source>mend its place or its CRS: x and y, or degrees and metres, may be mixed up</source>
   <translation>위치나 좌표계를 고치십시오: x와 y, 또는 도와 미터가 뒤바뀌었을 수 있습니다</translation>
  </message>
  <message>
   <source>the scene lies outside of where {target} is defined</source>
   <translation>장면이 {target}이(가) 정의된 범위 밖에 있습니다</translation>
  </message>
  <message>
   <source>a CRS for its place</source>
   <translation>그 위치에 맞는 좌표계</translation>
  </message>
  <message>
   <source>name another one with --crs, or leave --crs out</source>
   <translation>--crs로 다른 좌표계를 정하거나, --crs를 빼세요</translation>
  </message>
  <message>
   <source>--crs {text} is not projected: its pixels would be oblong</source>
   <translation>--crs {text}은(는) 투영 좌표계가 아니어서 픽셀이 길쭉해집니다</translation>
  </message>
  <message>
   <source>a projected CRS, such as a UTM zone (EPSG:32633)</source>
   <translation>UTM 구역(EPSG:32633) 같은 투영 좌표계</translation>
  </message>
  <message>
   <source>the map's pixels would be {size} m</source>
   <translation>지도의 픽셀이 {size} m가 됩니다</translation>
  </message>
  <message>
   <source>{low} to {high} m, which {name} knows</source>
   <translation>{name}이(가) 아는 {low}~{high} m</translation>
  </message>
  <message>
   <source>leave --gsd out for {gsd} m, or go on with --force</source>
   <translation>--gsd를 빼면 {gsd} m가 됩니다. 아니면 --force로 계속하세요</translation>
  </message>
  <message>
   <source>--gsd or --crs with a scene that has no coordinate reference system</source>
   <translation>좌표계가 없는 장면에 --gsd 또는 --crs</translation>
  </message>
  <message>
   <source>a scene whose place is known</source>
   <translation>위치를 아는 장면</translation>
  </message>
  <message>
   <source>give it its CRS with gdal_edit.py -a_srs, or leave the option out</source>
   <translation>gdal_edit.py -a_srs로 좌표계를 정해 주거나, 이 옵션을 빼세요</translation>
  </message>
  <message>
   <source>--gsd native, and the scene is placed by {kind} only</source>
   <translation>--gsd native인데, 장면의 위치가 {kind}로만 정해져 있습니다</translation>
  </message>
  <message>
   <source>another --gsd: such a scene is always resampled</source>
   <translation>다른 --gsd. 이런 장면은 언제나 다시 표본화됩니다</translation>
  </message>
  <message>
   <source>--crs {text}</source>
   <translation>--crs {text}</translation>
  </message>
  <message>
   <source>a CRS such as EPSG:32633, or WKT</source>
   <translation>EPSG:32633 같은 좌표계, 또는 WKT</translation>
  </message>
  <message>
   <source>leave out of --mask what the product does not tell</source>
   <translation>제품이 알려 주지 않는 것은 --mask에서 빼십시오</translation>
  </message>
  <message>
   <source>{given}: {scene} does not tell {missing}</source>
   <translation>{given}: {scene}은(는) {missing}을(를) 알려 주지 않습니다</translation>
  </message>
  <message>
   <source>the scene</source>
   <translation>장면</translation>
  </message>
  <message>
   <source>{names}, as of its {label}</source>
   <translation>{names} ({label})</translation>
  </message>
  <message>
   <source>a product with a mask of its own</source>
   <translation>자체 마스크가 있는 제품</translation>
  </message>
  <message>
   <source>{path} does not cover the scene</source>
   <translation>{path}이(가) 장면을 덮지 않습니다</translation>
  </message>
  <message>
   <source>the mask of this product</source>
   <translation>이 제품의 마스크</translation>
  </message>
  <message>
   <source>{path} is in EPSG:{codes}</source>
   <translation>{path}의 좌표계는 EPSG:{codes}입니다</translation>
  </message>
  <message>
   <source>, EPSG:</source>
   <translation>, EPSG:</translation>
  </message>
  <message>
   <source>the CRS of the product</source>
   <translation>제품의 좌표계</translation>
  </message>
  <message>
   <source>{path} has {found} bands of {dtype}</source>
   <translation>{path}에 {dtype} 밴드 {found}개가 있습니다</translation>
  </message>
  <message>
   <source>a mask of whole numbers, of {bands} bands</source>
   <translation>정수로 된 마스크, 밴드 {bands}개</translation>
  </message>
  <message>
   <source>rings of coordinates</source>
   <translation>좌표의 고리</translation>
  </message>
  <message>
   <source>the scene has {infrared}{info}{sensor} ({names}), without {missing}</source>
   <translation>장면에 {infrared}{info}{sensor}({names})가 있고 {missing}이(가) 없습니다</translation>
  </message>
  <message>
   <source>the scene has {info} without a name that tells which is which</source>
   <translation>장면에 {info}이(가) 있는데, 어느 것이 무엇인지 알려 주는 이름이 없습니다</translation>
  </message>
  <message>
   <source>nothing tells whether the scene's bands {names} are Sentinel-2's or Landsat's</source>
   <translation>장면의 밴드 {names}이(가) Sentinel-2의 것인지 Landsat의 것인지 알 수 없습니다</translation>
  </message>
  <message>
   <source>if the scene has them, say which they are: --bands {places}, the numbers of {card}</source>
   <translation>장면에 있다면 어느 것인지 말해 주세요: --bands {places}, {card}의 번호</translation>
  </message>
  <message>
   <source>give its colours bands of their own first: gdal_translate -expand rgb</source>
   <translation>먼저 색을 각각의 밴드로 나누세요: gdal_translate -expand rgb</translation>
  </message>
  <message>
   <source>{name} cannot map this scene: choose another model, or give the files of all its bands</source>
   <translation>{name}(으)로는 이 장면을 매핑할 수 없습니다. 다른 모델을 고르거나 모든 밴드의 파일을 주세요</translation>
  </message>
  <message>
   <source>bands {numbers} of the scene are both {name}</source>
   <translation>장면의 밴드 {numbers}이(가) 모두 {name}입니다</translation>
  </message>
  <message>
   <source>each band once</source>
   <translation>밴드마다 한 번</translation>
  </message>
  <message>
   <source>name the right ones with --bands; files side by side are one scene with --mosaic first</source>
   <translation>--bands로 맞는 것을 지정하세요. 나란히 놓인 파일은 --mosaic first로 한 장면이 됩니다</translation>
  </message>
  <message>
   <source>one band of the scene would serve twice for {name}</source>
   <translation>{name}에 장면의 한 밴드가 두 번 쓰이게 됩니다</translation>
  </message>
  <message>
   <source>{option} names {chosen} bands</source>
   <translation>{option}에 밴드 {chosen}개가 있습니다</translation>
  </message>
  <message>
   <source>{bands}, for {wanted} of {name}</source>
   <translation>{name}의 {wanted}에 {bands}개</translation>
  </message>
  <message>
   <source>numbers from 1 to {layers}: the scene has {info}</source>
   <translation>1에서 {layers}까지의 수: 장면에 있는 것은 {info}</translation>
  </message>
  <message>
   <source>{option} names a band twice</source>
   <translation>{option}에 한 밴드가 두 번 있습니다</translation>
  </message>
  <message>
   <source>a band of its own for each of {wanted}</source>
   <translation>{wanted}에 각각 자신의 밴드</translation>
  </message>
  <message>
   <source>{label}: its metadata (IMD) name the bands, and give no reflectance</source>
   <translation>{label}: 메타데이터(IMD)에 밴드 이름은 있지만 반사율은 없습니다</translation>
  </message>
  <message>
   <source>{label}: its metadata (IMD) call the bands {letters} and list {codes}, so that which is which is not certain</source>
   <translation>{label}: 메타데이터(IMD)에서 밴드를 {letters}(이)라 부르면서 {codes} 순으로 적어, 어느 밴드가 어느 것인지 확실하지 않음</translation>
  </message>
  <message>
   <source>{stem}.TIL and .TIF are missing</source>
   <translation>{stem}.TIL과 .TIF가 없습니다</translation>
  </message>
  <message>
   <source>{path} names no bands or no satellite of Maxar</source>
   <translation>{path}에 밴드나 Maxar 위성이 적혀 있지 않습니다</translation>
  </message>
  <message>
   <source>an IMD file</source>
   <translation>IMD 파일</translation>
  </message>
  <message>
   <source>{path} does not say where the product lies (ULX, ULY)</source>
   <translation>{path}에 제품의 위치(ULX, ULY)가 적혀 있지 않습니다</translation>
  </message>
  <message>
   <source>a product on a map: Standard, Ortho or Precision</source>
   <translation>지도에 놓인 제품: Standard, Ortho 또는 Precision</translation>
  </message>
  <message>
   <source>rectify it first, or name the rasters of its tiles</source>
   <translation>먼저 기하 보정하거나 타일의 래스터를 지정하십시오</translation>
  </message>
  <message>
   <source>{raster} has {count} bands, {path} names {codes}</source>
   <translation>{raster}에는 밴드 {count}개가 있고 {path}에는 {codes}개가 적혀 있습니다</translation>
  </message>
  <message>
   <source>{path} declares a document type, as the metadata of no satellite product do</source>
   <translation>{path}이(가) 문서 형식을 선언합니다. 위성 제품의 메타데이터는 그렇지 않습니다</translation>
  </message>
  <message>
   <source>the metadata as the product came with them</source>
   <translation>제품에 들어 있던 그대로의 메타데이터</translation>
  </message>
  <message>
   <source>{path}: {name} is {text}</source>
   <translation>{path}: {name}이(가) {text}입니다</translation>
  </message>
  <message>
   <source>{path}: {what} is {name}</source>
   <translation>{path}: {what}이(가) {name}입니다</translation>
  </message>
  <message>
   <source>a mosaic of {parts} files</source>
   <translation>파일 {parts}개의 모자이크</translation>
  </message>
  <message>
   <source> in {places} CRSs</source>
   <translation>, 좌표계 {places}개</translation>
  </message>
  <message>
   <source>{said}: {width} x {height} px, {crs}; {rule}</source>
   <translation>{said}: {width} x {height} px, {crs}; {rule}</translation>
  </message>
  <message>
   <source>neither tags nor name of {name} say when it was taken</source>
   <translation>{name}의 태그도 이름도 촬영 시각을 알려 주지 않습니다</translation>
  </message>
  <message>
   <source>a date such as 20260816 for --mosaic newest</source>
   <translation>--mosaic newest에는 20260816 같은 날짜</translation>
  </message>
  <message>
   <source>put it into the name, or take --mosaic first</source>
   <translation>날짜를 이름에 넣거나 --mosaic first를 쓰세요</translation>
  </message>
  <message>
   <source>an index of the files of a mosaic</source>
   <translation>모자이크 파일의 색인</translation>
  </message>
  <message>
   <source>{name} has no coordinate reference system</source>
   <translation>{name}에 좌표계가 없습니다</translation>
  </message>
  <message>
   <source>files of a mosaic whose places are known</source>
   <translation>위치를 아는 모자이크 파일</translation>
  </message>
  <message>
   <source>give it its CRS with gdal_edit.py -a_srs</source>
   <translation>gdal_edit.py -a_srs로 좌표계를 정해 주세요</translation>
  </message>
  <message>
   <source>{name} has pixels of {size} m, {other} of {its_size} m</source>
   <translation>{name}의 픽셀은 {size} m, {other}의 픽셀은 {its_size} m입니다</translation>
  </message>
  <message>
   <source>one pixel size in all files of a mosaic</source>
   <translation>모자이크의 모든 파일에서 같은 픽셀 크기</translation>
  </message>
  <message>
   <source>leave it out, or map it by itself</source>
   <translation>이 파일을 빼거나 따로 지도로 만드세요</translation>
  </message>
  <message>
   <source>the box around the mosaic's files has {width} x {height} px, more than {sparse} times those of the files</source>
   <translation>모자이크 파일들을 둘러싼 상자가 {width} x {height} px로, 파일들 픽셀 수의 {sparse}배가 넘습니다</translation>
  </message>
  <message>
   <source>neighbours</source>
   <translation>이웃한 파일</translation>
  </message>
  <message>
   <source>map those that lie far off by themselves</source>
   <translation>멀리 떨어진 파일은 따로 지도로 만드세요</translation>
  </message>
  <message>
   <source>the metadata of {paths} do not say how cloudy it is</source>
   <translation>{paths}의 메타데이터가 구름 비율을 알려 주지 않습니다</translation>
  </message>
  <message>
   <source>a share of clouds for --mosaic least-cloudy</source>
   <translation>--mosaic least-cloudy에는 구름 비율</translation>
  </message>
  <message>
   <source>take --mosaic first or newest</source>
   <translation>--mosaic first나 newest를 쓰세요</translation>
  </message>
  <message>
   <source>the index {path} cannot be read: {error}</source>
   <translation>색인 {path}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>a GeoPackage with the column location, as gdaltindex writes it</source>
   <translation>gdaltindex가 쓰는 것처럼 location 열이 있는 GeoPackage</translation>
  </message>
  <message>
   <source>{name} differs from {other} in its {said}: {own}</source>
   <translation>{name}의 {said}이(가) {other}와(과) 다릅니다: {own}</translation>
  </message>
  <message>
   <source>{its}, as in the other files of the mosaic</source>
   <translation>모자이크의 다른 파일과 같은 {its}</translation>
  </message>
  <message>
   <source>files of the mosaic lie outside of where {wkt} is defined</source>
   <translation>모자이크 파일이 {wkt}이(가) 정의된 범위 밖에 있습니다</translation>
  </message>
  <message>
   <source>{path} holds {tables} layers</source>
   <translation>{path}에 레이어가 {tables}개 있습니다</translation>
  </message>
  <message>
   <source>one, of the files' places</source>
   <translation>파일들의 위치를 담은 하나</translation>
  </message>
  <message>
   <source>the folder {name} holds no rasters</source>
   <translation>폴더 {name}에 래스터가 없습니다</translation>
  </message>
  <message>
   <source>neighbouring files of a mosaic</source>
   <translation>모자이크의 이웃한 파일</translation>
  </message>
  <message>
   <source>{name} matches no file</source>
   <translation>{name}에 맞는 파일이 없습니다</translation>
  </message>
  <message>
   <source>a pattern that matches files of a mosaic</source>
   <translation>모자이크 파일에 맞는 패턴</translation>
  </message>
  <message>
   <source>{total} of what was looked at is left out by the scene's mask or alpha, and is no blank: if the mask is the wrong way round, turn it, or take the scene without it</source>
   <translation>살펴본 부분의 {total}이(가) 장면의 마스크나 알파로 제외되지만 빈 곳이 아닙니다: 마스크가 뒤집혔으면 바로잡거나, 마스크 없는 장면을 쓰십시오</translation>
  </message>
  <message>
   <source>{left} of the scene is a mixture of its other bands, as where it was computed from them: it is no band that was seen; give the file or number of the right one</source>
   <translation>장면의 {left}은(는) 다른 밴드들을 섞은 것으로, 그것들에서 계산된 것 같습니다: 관측된 밴드가 아닙니다; 맞는 밴드의 파일이나 번호를 주십시오</translation>
  </message>
  <message>
   <source>{told} of the scene hold the same picture: one band stands for several, as where a grey picture was copied; give the file or number of the right ones</source>
   <translation>장면의 {told}에 같은 영상이 들어 있습니다: 회색 영상을 복사한 것처럼 한 밴드가 여러 밴드를 대신합니다; 맞는 밴드의 파일이나 번호를 주십시오</translation>
  </message>
  <message>
   <source>{name} of the scene is 0 in {mean} of what was looked at, where its other bands are not: it ends early or lost lines there; cut the scene to where all bands have data</source>
   <translation>장면의 {name}은(는) 살펴본 부분의 {mean}에서 0이지만 다른 밴드는 그렇지 않습니다: 먼저 끝나거나 줄이 빠졌습니다; 모든 밴드에 자료가 있는 곳으로 장면을 자르십시오</translation>
  </message>
  <message>
   <source>{name} of the scene is above {most} in {max} of the pixels, where its other bands are dark: as where an offset was subtracted from numbers that cannot be negative; take the product's own numbers, and say --offset</source>
   <translation>장면의 {name}은(는) 화소의 {max}에서 {most}을(를) 넘지만 다른 밴드는 어둡습니다: 음수가 될 수 없는 수에서 오프셋을 뺀 것 같습니다; 제품의 원래 수를 쓰고 --offset을 주십시오</translation>
  </message>
  <message>
   <source>columns that are {count} apart are more alike than neighbours, as where the bands take turns in pixels of the file (BIP) and are read as whole bands (BSQ): say its interleave to the program that reads or writes it</source>
   <translation>{count}칸 떨어진 열들이 이웃 열들보다 더 비슷합니다. 파일에서 밴드가 픽셀마다 번갈아 있는데(BIP) 밴드별(BSQ)로 읽은 경우와 같습니다. 파일을 읽거나 쓰는 프로그램에 배열 방식을 알려 주세요</translation>
  </message>
  <message>
   <source>lines that are {count} apart are more alike than neighbours, as where the bands take turns in lines of the file (BIL) and are read as whole bands (BSQ): say its interleave to the program that reads or writes it</source>
   <translation>{count}줄 떨어진 줄들이 이웃 줄들보다 더 비슷합니다. 파일에서 밴드가 줄마다 번갈아 있는데(BIL) 밴드별(BSQ)로 읽은 경우와 같습니다. 파일을 읽거나 쓰는 프로그램에 배열 방식을 알려 주세요</translation>
  </message>
  <message>
   <source>{which} of the scene and its other bands have no edges in common, as where they are of another place or day, or no picture at all: give the files or numbers of the right ones</source>
   <translation>장면의 {which}와(과) 나머지 밴드는 공통된 경계가 없습니다. 다른 곳이나 다른 날의 것이거나 영상이 아닌 경우와 같습니다. 맞는 파일이나 번호를 주세요</translation>
  </message>
  <message>
   <source>the second and third band lie round 128 and hardly vary, as where brightness and differences of colour (YCbCr) stand in the place of red, green and blue: have the program that reads the file turn them into colours</source>
   <translation>둘째와 셋째 밴드가 128 근처에서 거의 변하지 않습니다. 빨강, 초록, 파랑 자리에 밝기와 색차(YCbCr)가 있는 경우와 같습니다. 파일을 읽는 프로그램이 색으로 바꾸게 하세요</translation>
  </message>
  <message>
   <source>{i} and {i2} of the scene lie about {pixels} pixels beside each other: classes are wrong along every edge; register the bands first</source>
   <translation>장면의 {i}과(와) {i2}이(가) 서로 약 {pixels}화소 어긋나 있습니다: 모든 경계에서 클래스가 틀립니다; 먼저 밴드를 정합하십시오</translation>
  </message>
  <message>
   <source>the scene's pixels repeat in squares of {times} x {times2}: it was enlarged, and shows no more than pixels of {times3} times the size; {hint}</source>
   <translation>장면의 화소가 {times} x {times2} 정사각형으로 되풀이됩니다: 확대된 것이며, {times3}배 큰 화소보다 더 보여 주지 않습니다; {hint}</translation>
  </message>
  <message>
   <source>neighbouring pixels of the scene hardly differ: it was enlarged three times or more, or is blurred as much, and shows no more than far larger pixels would; {hint}</source>
   <translation>장면의 이웃 픽셀이 거의 다르지 않습니다. 세 배 이상 확대되었거나 그만큼 흐려서, 훨씬 큰 픽셀보다 더 보여 주지 못합니다. {hint}</translation>
  </message>
  <message>
   <source>the scene shows hardly any detail of fewer than four pixels: it was enlarged two or three times, or is blurred as much, and shows no more than larger pixels would; {hint}</source>
   <translation>장면에 네 픽셀보다 작은 세부가 거의 없습니다. 두세 배 확대되었거나 그만큼 흐려서, 더 큰 픽셀보다 더 보여 주지 못합니다. {hint}</translation>
  </message>
  <message>
   <source>about {near} of the scene's edge is nearly {word}, without being marked as nodata, as a frame that lossy compression has changed: it is mapped like the rest; mark it first, with GDAL's nearblack -setmask</source>
   <translation>장면 가장자리의 약 {near}이(가) 거의 {word}이지만 nodata로 표시되어 있지 않으며, 손실 압축으로 바뀐 테두리 같습니다: 나머지처럼 지도에 들어갑니다; 먼저 GDAL의 nearblack -setmask로 표시하십시오</translation>
  </message>
  <message>
   <source>the shadows of the picture are redder than what the sun shines on, as where red and blue were exchanged (BGR): the sky makes them bluer; if they were, name the bands with --bands</source>
   <translation>사진의 그림자가 햇빛을 받는 곳보다 붉으며, 빨강과 파랑이 뒤바뀐 것(BGR) 같습니다: 하늘빛 때문에 그림자는 더 푸릅니다; 뒤바뀌었으면 --bands로 밴드를 정하십시오</translation>
  </message>
  <message>
   <source>{found} colours make up {share} of the scene, as in a map or a drawing: it is no photograph; give the picture that it was made from</source>
   <translation>{found}가지 색이 장면의 {share}을(를) 차지하며, 지도나 그림 같습니다: 사진이 아닙니다; 그것을 만든 원래 영상을 주십시오</translation>
  </message>
  <message>
   <source>give the scene as it was before, whose pixels have their true size</source>
   <translation>화소가 참된 크기인, 그 이전의 장면을 주십시오</translation>
  </message>
  <message>
   <source>{label}: reflectance = DN x the coefficient of each band, from {xml}</source>
   <translation>{label}: 반사율 = DN x 밴드별 계수, 출처 {xml}</translation>
  </message>
  <message>
   <source>{label}: reflectance = {surface}, as in every such product</source>
   <translation>{label}: 반사율 = {surface}, 이런 제품은 모두 그렇습니다</translation>
  </message>
  <message>
   <source>{path} has {count} bands</source>
   <translation>{path}에 밴드 {count}개가 있습니다</translation>
  </message>
  <message>
   <source>{names}, as its name says</source>
   <translation>이름에 적힌 대로 {names}개</translation>
  </message>
  <message>
   <source>{path} names the coefficients {band}</source>
   <translation>{path}에 적힌 계수는 {band}입니다</translation>
  </message>
  <message>
   <source>of no band</source>
   <translation>어느 밴드의 것도 아님</translation>
  </message>
  <message>
   <source>one above 0 for each of {count} bands</source>
   <translation>밴드 {count}개마다 0보다 큰 수 하나</translation>
  </message>
  <message>
   <source>{label}: reflectance = {scaling}, from {source}</source>
   <translation>{label}: 반사율 = {scaling}, 출처 {source}</translation>
  </message>
  <message>
   <source>{label}: reflectance = (DN {else}) / 10000, from {source}</source>
   <translation>{label}: 반사율 = (DN {else}) / 10000, 출처 {source}</translation>
  </message>
  <message>
   <source>{label}: reflectance = DN x 2e-05 - 0.1, still to be divided by the sine of the sun's elevation</source>
   <translation>{label}: 반사율 = DN x 2e-05 - 0.1, 아직 태양 고도의 사인으로 나누어야 함</translation>
  </message>
  <message>
   <source>--granule {granule}: {scene} holds {told}</source>
   <translation>--granule {granule}: {scene}에 있는 것: {told}</translation>
  </message>
  <message>
   <source>the name of one, or a tile of which there is one</source>
   <translation>그중 하나의 이름, 또는 하나만 있는 타일</translation>
  </message>
  <message>
   <source>{name} is turned against the scene's other bands</source>
   <translation>{name}이(가) 장면의 다른 밴드에 대해 돌아가 있습니다</translation>
  </message>
  <message>
   <source>bands of one scene whose rows run alike</source>
   <translation>행의 방향이 같은, 한 장면의 밴드</translation>
  </message>
  <message>
   <source>bring them to one grid with gdalwarp</source>
   <translation>gdalwarp로 한 격자에 맞추세요</translation>
  </message>
  <message>
   <source>the scene's data type is {found}</source>
   <translation>장면의 자료형이 {found}입니다</translation>
  </message>
  <message>
   <source>if you know how its numbers become the model's values, say so with --scale (and --offset)</source>
   <translation>수가 어떻게 모델의 값이 되는지 알면 --scale(과 --offset)로 말해 주세요</translation>
  </message>
  <message>
   <source>the metadata of the whole product</source>
   <translation>제품 전체의 메타데이터</translation>
  </message>
  <message>
   <source>put them there, or say with --scale and --offset what the numbers mean</source>
   <translation>그곳에 두거나 --scale과 --offset으로 숫자의 뜻을 알려 주십시오</translation>
  </message>
  <message>
   <source>the bands' headers give different scales or offsets: </source>
   <translation>밴드의 머리에 서로 다른 스케일이나 오프셋이 있습니다: </translation>
  </message>
  <message>
   <source>say it with --scale and --offset, or unify the bands with gdal_translate -unscale -ot Float32</source>
   <translation>--scale과 --offset으로 말하거나, gdal_translate -unscale -ot Float32로 밴드를 통일하세요</translation>
  </message>
  <message>
   <source>the scene's pixels are complex numbers ({found})</source>
   <translation>장면의 픽셀이 복소수입니다({found})</translation>
  </message>
  <message>
   <source>real numbers</source>
   <translation>실수</translation>
  </message>
  <message>
   <source>compute what is wanted first, such as the amplitude</source>
   <translation>먼저 진폭처럼 원하는 것을 계산하세요</translation>
  </message>
  <message>
   <source>{label}: reflectance = (DN {add}) / {divisor}, from the product's metadata</source>
   <translation>{label}: 반사도 = (DN {add}) / {divisor}, 제품의 메타데이터에 따름</translation>
  </message>
  <message>
   <source>{path}: MTD_MSI{level}.xml is missing</source>
   <translation>{path}: MTD_MSI{level}.xml이 없습니다</translation>
  </message>
  <message>
   <source>the metadata of a Sentinel-2 product of Level-1C or Level-2A</source>
   <translation>Level-1C 또는 Level-2A Sentinel-2 제품의 메타데이터</translation>
  </message>
  <message>
   <source>{gdal_path} holds the metadata of several products: {found}</source>
   <translation>{gdal_path}에 여러 제품의 메타데이터가 있습니다: {found}</translation>
  </message>
  <message>
   <source>name one of these files</source>
   <translation>이 파일 중 하나를 지정하세요</translation>
  </message>
  <message>
   <source>{gdal_path} is a granule, and {xml}, which says what its numbers mean, is missing</source>
   <translation>{gdal_path}은(는) 그래뉼인데, 그 수치의 뜻을 알려 주는 {xml}이(가) 없습니다</translation>
  </message>
  <message>
   <source>the product that it belongs to</source>
   <translation>그것이 속한 제품</translation>
  </message>
  <message>
   <source>{path} names no bands</source>
   <translation>{path}에 밴드 이름이 없습니다</translation>
  </message>
  <message>
   <source>the metadata of a product with its bands</source>
   <translation>밴드가 있는 제품의 메타데이터</translation>
  </message>
  <message>
   <source>{path} names {granules} granules: {granules2}</source>
   <translation>{path}에 그래뉼이 {granules}개 있습니다: {granules2}</translation>
  </message>
  <message>
   <source>one granule, which is one scene</source>
   <translation>한 장면인 그래뉼 하나</translation>
  </message>
  <message>
   <source>name one with --granule {granules}, or take all for one scene with --mosaic first</source>
   <translation>--granule {granules}(으)로 하나를 정하거나, --mosaic first로 모두를 한 장면으로 쓰십시오</translation>
  </message>
  <message>
   <source>{sentinel} {level}: from baseline 04.00 on reflectance = DN x 0.0001 -0.1, before DN x 0.0001; {cloud_product} would say which</source>
   <translation>{sentinel} {level}: 베이스라인 04.00부터 반사율 = DN x 0.0001 -0.1, 그 전에는 DN x 0.0001. 어느 쪽인지는 {cloud_product}에 적혀 있습니다</translation>
  </message>
  <message>
   <source>{path} is of the granule {own}, {of_product} of {none}</source>
   <translation>{path}은(는) 그래뉼 {own}의 것이고, {of_product}은(는) {none}의 것입니다</translation>
  </message>
  <message>
   <source>the metadata of the granule's own product</source>
   <translation>그 그래뉼이 속한 제품의 메타데이터</translation>
  </message>
  <message>
   <source>{path} names the processing baseline {said}</source>
   <translation>{path}에 적힌 처리 기준(baseline)은 {said}입니다</translation>
  </message>
  <message>
   <source>such as 05.09</source>
   <translation>예: 05.09</translation>
  </message>
  <message>
   <source>{path} names {numbers} as {level}</source>
   <translation>{path}에 {level}이(가) {numbers}(으)로 적혀 있습니다</translation>
  </message>
  <message>
   <source>one number above 0</source>
   <translation>0보다 큰 수 하나</translation>
  </message>
  <message>
   <source>{path}, of baseline {said}, names {offsets} as {level}</source>
   <translation>처리 기준(baseline) {said}인 {path}에 {level}이(가) {offsets}(으)로 적혀 있습니다</translation>
  </message>
  <message>
   <source>say with --scale and --offset what the numbers mean, on the files of its bands</source>
   <translation>밴드 파일들을 지정하고 수치의 뜻을 --scale과 --offset으로 알려 주세요</translation>
  </message>
  <message>
   <source>{path} does not name the granule {granule}</source>
   <translation>{path}에 그래뉼 {granule}이(가) 없습니다</translation>
  </message>
  <message>
   <source>a granule of this product</source>
   <translation>이 제품의 그래뉼</translation>
  </message>
  <message>
   <source>{path} is of {level}, {of_product} of another level</source>
   <translation>{path}의 레벨은 {level}인데 {of_product}의 레벨은 다릅니다</translation>
  </message>
  <message>
   <source>{gdal_path}: its metadata name an image {place}</source>
   <translation>{gdal_path}: 메타데이터에 적힌 영상 이름이 {place}입니다</translation>
  </message>
  <message>
   <source>a path inside the product</source>
   <translation>제품 안의 경로</translation>
  </message>
  <message>
   <source>{jp} is missing</source>
   <translation>{jp}이(가) 없습니다</translation>
  </message>
  <message>
   <source>all bands that the product's metadata name</source>
   <translation>제품의 메타데이터에 적힌 모든 밴드</translation>
  </message>
  <message>
   <source>all bands</source>
   <translation>모든 밴드</translation>
  </message>
  <message>
   <source>{path} and the scene's finest bands cover no common ground</source>
   <translation>{path}과(와) 장면의 가장 고운 밴드가 함께 덮는 땅이 없습니다</translation>
  </message>
  <message>
   <source>bands of one scene</source>
   <translation>한 장면의 밴드</translation>
  </message>
  <message>
   <source>take files that lie side by side for one scene with --mosaic first</source>
   <translation>나란히 놓인 파일은 --mosaic first로 한 장면으로 다루세요</translation>
  </message>
  <message>
   <source>name the bands in the model's order with --bands, or mend their descriptions</source>
   <translation>--bands로 밴드를 모델의 순서대로 지정하거나, 밴드의 설명을 고치십시오</translation>
  </message>
  <message>
   <source>say with --scale and --offset what its numbers mean</source>
   <translation>값이 무엇을 뜻하는지 --scale과 --offset으로 알려 주십시오</translation>
  </message>
  <message>
   <source>its values were ten times too small</source>
   <translation>값이 열 배 작은 것</translation>
  </message>
  <message>
   <source>its values were many times too large</source>
   <translation>값이 몇 배나 큰 것</translation>
  </message>
  <message>
   <source>{i} and {j} were exchanged</source>
   <translation>{i}와(과) {j}이(가) 서로 바뀐 것</translation>
  </message>
  <message>
   <source>its bands stood in reverse order</source>
   <translation>밴드가 거꾸로 놓인 것</translation>
  </message>
  <message>
   <source>its bands stood a place late, {names} first</source>
   <translation>밴드가 한 자리씩 뒤로 밀려 {names}이(가) 맨 앞에 있는 것</translation>
  </message>
  <message>
   <source>its bands stood a place early, {names} last</source>
   <translation>밴드가 한 자리씩 앞으로 당겨져 {names}이(가) 맨 뒤에 있는 것</translation>
  </message>
  <message>
   <source>an offset of -1000 (reflectance -0.1) were still in its numbers</source>
   <translation>-1000의 오프셋(반사율 -0.1)이 아직 값에 남아 있는 것</translation>
  </message>
  <message>
   <source>if it is, give --offset -0.1</source>
   <translation>그렇다면 --offset -0.1을 지정하십시오</translation>
  </message>
  <message>
   <source>an offset of -1000 (reflectance -0.1) had been taken off twice</source>
   <translation>-1000의 오프셋(반사율 -0.1)이 두 번 적용된 것</translation>
  </message>
  <message>
   <source>if it was, give --offset 0.1, or take the product's own numbers</source>
   <translation>그렇다면 --offset 0.1을 지정하거나 제품의 원래 값을 쓰십시오</translation>
  </message>
  <message>
   <source>its brightness were inverted</source>
   <translation>밝기가 뒤집힌 것</translation>
  </message>
  <message>
   <source>take the picture itself</source>
   <translation>원래 영상을 쓰십시오</translation>
  </message>
  <message>
   <source>the scene's bands go together as if {text}</source>
   <translation>장면의 밴드 사이의 관계가 다음과 같아 보입니다: {text}</translation>
  </message>
  <message>
   <source>what {name} was trained on</source>
   <translation>{name}을(를) 훈련한 자료</translation>
  </message>
  <message>
   <source>the scene is unlike what {name} was trained on: {outside} of it lies where 1 % of known places do, by {worst} most</source>
   <translation>장면이 {name}을(를) 훈련한 자료와 다릅니다: {outside}가 아는 장소의 1 %만 있는 곳에 있으며, {worst}이(가) 가장 어긋납니다</translation>
  </message>
  <message>
   <source>bands, numbers and sensor of the model's kind</source>
   <translation>모델과 같은 종류의 밴드, 값, 센서</translation>
  </message>
  <message>
   <source>look at them with geoseg check; if all are right, the model knows no such land, and its map may be wrong</source>
   <translation>geoseg check로 살펴보십시오. 모두 맞다면 모델이 모르는 땅이므로 지도가 틀릴 수 있습니다</translation>
  </message>
  <message>
   <source>the item has an asset at {href}</source>
   <translation>항목의 자산 주소가 {href}입니다</translation>
  </message>
  <message>
   <source>a path, or http, https, s3, gs, az</source>
   <translation>경로, 또는 http, https, s3, gs, az</translation>
  </message>
  <message>
   <source>the item has no assets</source>
   <translation>항목에 자산이 없습니다</translation>
  </message>
  <message>
   <source>the item has no raster among its assets ({assets})</source>
   <translation>항목의 자산 가운데 래스터가 없습니다({assets})</translation>
  </message>
  <message>
   <source>two assets of the item are the same file: {twice}</source>
   <translation>항목의 두 자산이 같은 파일입니다: {twice}</translation>
  </message>
  <message>
   <source>a file for each asset</source>
   <translation>자산마다 파일 하나</translation>
  </message>
  <message>
   <source>the item says that {path} is {here}, its name says {there}</source>
   <translation>항목은 {path}이(가) {here}라고 하고, 이름은 {there}라고 합니다</translation>
  </message>
  <message>
   <source>one band</source>
   <translation>밴드 하나</translation>
  </message>
  <message>
   <source>the item calls a band of {path} both {name} and {shared}</source>
   <translation>항목이 {path}의 한 밴드를 {name}이라고도 {shared}라고도 부릅니다</translation>
  </message>
  <message>
   <source>the item gives a scale of {scale}</source>
   <translation>항목의 배율이 {scale}입니다</translation>
  </message>
  <message>
   <source>a factor above 0</source>
   <translation>0보다 큰 배율</translation>
  </message>
  <message>
   <source>say it with --scale</source>
   <translation>--scale로 지정하십시오</translation>
  </message>
  <message>
   <source>a path or an address</source>
   <translation>경로 또는 주소</translation>
  </message>
  <message>
   <source>a STAC Item, an ItemCollection (FeatureCollection of items), or GeoParquet of items</source>
   <translation>STAC Item, ItemCollection(항목의 FeatureCollection) 또는 항목의 GeoParquet</translation>
  </message>
  <message>
   <source>something else</source>
   <translation>다른 것</translation>
  </message>
  <message>
   <source>{location} holds {found}{else}</source>
   <translation>{location}에 들어 있는 것: {found}{else}</translation>
  </message>
  <message>
   <source> without items</source>
   <translation>(항목 없음)</translation>
  </message>
  <message>
   <source>{location} holds several items</source>
   <translation>{location}에 항목이 여럿 있습니다</translation>
  </message>
  <message>
   <source>one STAC item, for one scene</source>
   <translation>영상 하나를 위한 STAC 항목 하나</translation>
  </message>
  <message>
   <source>map all of them with geoseg batch</source>
   <translation>geoseg batch로 모두 분류하십시오</translation>
  </message>
  <message>
   <source>{path} holds no Parquet files</source>
   <translation>{path}에 Parquet 파일이 없습니다</translation>
  </message>
  <message>
   <source>{location} is not fetched</source>
   <translation>{location}은(는) 내려받지 않습니다</translation>
  </message>
  <message>
   <source>GeoParquet of STAC items on this machine, or JSON anywhere</source>
   <translation>이 컴퓨터에 있는 STAC 항목의 GeoParquet, 또는 어디에 있든 JSON</translation>
  </message>
  <message>
   <source>fetch it first</source>
   <translation>먼저 내려받으십시오</translation>
  </message>
  <message>
   <source>{location} is not JSON: {split}</source>
   <translation>{location}은(는) JSON이 아닙니다: {split}</translation>
  </message>
  <message>
   <source>{file} cannot be read as Parquet: {split}</source>
   <translation>{file}을(를) Parquet로 읽을 수 없습니다: {split}</translation>
  </message>
  <message>
   <source>{file} has the columns {names}</source>
   <translation>{file}의 열: {names}</translation>
  </message>
  <message>
   <source>id and assets, as GeoParquet of STAC items has them</source>
   <translation>STAC 항목의 GeoParquet에 있는 id와 assets</translation>
  </message>
  <message>
   <source>{i} of the scene is {i2} wherever it was looked at: it is no band that {name} knows; give the file or number of the right one</source>
   <translation>장면의 {i}은(는) 살펴본 모든 곳에서 {i2}입니다: {name}이(가) 아는 밴드가 아니므로, 맞는 파일이나 번호를 지정하십시오</translation>
  </message>
  <message>
   <source>the picture is dark all over: hardly a pixel is above {top}, where {name} knows up to {most}; if its numbers were divided, take the picture itself or give --scale</source>
   <translation>영상이 전체적으로 어둡습니다: {top}을(를) 넘는 픽셀이 거의 없는데, {name}은(는) {most}까지 압니다. 값을 나눈 것이라면 원래 영상을 쓰거나 --scale을 지정하십시오</translation>
  </message>
  <message>
   <source>three quarters of the picture are black, and some of it is lit: {name} knows pictures by day; take one, or leave out what is black with --nodata</source>
   <translation>사진의 4분의 3이 검고 일부만 밝습니다: {name}은(는) 낮의 사진을 압니다; 낮의 사진을 쓰거나, 검은 곳을 --nodata로 빼십시오</translation>
  </message>
  <message>
   <source>the scene's values{unit} {what}: mostly {found}</source>
   <translation>장면의 값{unit}이 {what}: 대부분 {found}</translation>
  </message>
  <message>
   <source>about {expected}, as in {name}'s training data</source>
   <translation>{name}의 학습 자료처럼 약 {expected}</translation>
  </message>
  <message>
   <source>say how the values follow from the file's numbers, as its producer describes them ({how})</source>
   <translation>파일의 숫자에서 값을 얻는 방법을 제작자의 설명대로 알려 주세요({how})</translation>
  </message>
  <message>
   <source>about {share} of the scene is {value} in all bands without being marked as nodata: it is mapped like the rest (to leave it out: --nodata {value2})</source>
   <translation>장면의 약 {share}이(가) nodata 표시 없이 모든 밴드에서 {value}입니다. 나머지처럼 매핑됩니다(빼려면 --nodata {value2})</translation>
  </message>
  <message>
   <source>{name} {i} to {i2}</source>
   <translation>{name} {i}에서 {i2}까지</translation>
  </message>
  <message>
   <source>{name} {low} to {high}</source>
   <translation>{name} {low}에서 {high}까지</translation>
  </message>
  <message>
   <source>--scale and --offset</source>
   <translation>--scale과 --offset</translation>
  </message>
  <message>
   <source>look like 8-bit numbers, stretched for display</source>
   <translation>화면에 보이려고 늘린 8비트 수로 보입니다</translation>
  </message>
  <message>
   <source>the scene looks like colour infrared, in which plants are pink: {mean} of its pixels</source>
   <translation>장면이 식물이 분홍으로 보이는 컬러 적외선 같습니다: 픽셀의 {mean}</translation>
  </message>
  <message>
   <source>{colours} for {name}, not near infrared, red, green</source>
   <translation>{name}에는 근적외, 빨강, 초록이 아닌 {colours}</translation>
  </message>
  <message>
   <source>take a scene with blue, or, where the file has all of them, name the bands with --bands; if its colours are right, go on with --force</source>
   <translation>파랑이 있는 장면을 쓰거나, 파일에 모두 있으면 --bands로 밴드를 지정하세요. 색이 맞으면 --force로 계속하세요</translation>
  </message>
  <message>
   <source>--scale 0.0001 for DN = reflectance x 10000, 1.525902e-05 for x 65535, 1 for reflectance itself; --scale 2.75e-05 --offset -0.2 for Landsat's surface reflectance of Collection 2; --offset 0 where an offset is in the DN no more</source>
   <translation>DN = 반사율 x 10000이면 --scale 0.0001, x 65535이면 1.525902e-05, 반사율 자체이면 1; Landsat Collection 2 지표 반사율이면 --scale 2.75e-05 --offset -0.2; DN에 오프셋이 더는 없으면 --offset 0</translation>
  </message>
  <message>
   <source>with scale {scale} and offset {offset} the scene's values are beyond all numbers that a network computes with</source>
   <translation>스케일 {scale}, 오프셋 {offset}(으)로는 장면의 값이 신경망이 계산하는 모든 수를 벗어납니다</translation>
  </message>
  <message>
   <source>values as in the model's training data</source>
   <translation>모델의 학습 자료와 같은 값</translation>
  </message>
  <message>
   <source>take the product's own numbers: no scale undoes a stretch</source>
   <translation>제품의 원래 수를 쓰세요. 늘린 것은 어떤 스케일로도 되돌릴 수 없습니다</translation>
  </message>
  <message>
   <source>the band for {name} looks like an alpha channel: {share} of its pixels are {max}</source>
   <translation>{name}에 쓰일 밴드가 알파 채널처럼 보입니다: 픽셀의 {share}이(가) {max}입니다</translation>
  </message>
  <message>
   <source>{name} for {name2}</source>
   <translation>{name2}에는 {name}</translation>
  </message>
  <message>
   <source>take a model of the other bands, or name the right band with --bands; if it is one, go on with --force</source>
   <translation>다른 밴드만 쓰는 모델을 쓰거나 --bands로 올바른 밴드를 지정하십시오. 맞는 밴드라면 --force로 계속하십시오</translation>
  </message>
  <message>
   <source>the checkpoint {path} is of another network, or damaged</source>
   <translation>체크포인트 {path}은(는) 다른 신경망의 것이거나 손상되었습니다</translation>
  </message>
  <message>
   <source>train without --resume</source>
   <translation>--resume 없이 학습하세요</translation>
  </message>
  <message>
   <source>the checkpoint {path} is of a training with another configuration or other samples</source>
   <translation>체크포인트 {path}은(는) 다른 설정이나 다른 표본의 학습입니다</translation>
  </message>
  <message>
   <source>the same, to go on with</source>
   <translation>이어 가려면 같은 것</translation>
  </message>
  <message>
   <source>[data] must name its scenes and labels once</source>
   <translation>[data]는 장면과 레이블을 한 번만 지정해야 합니다</translation>
  </message>
  <message>
   <source>samples, or scenes and labels</source>
   <translation>samples, 또는 scenes와 labels</translation>
  </message>
  <message>
   <source>data.validation and data.test are {shares}</source>
   <translation>data.validation과 data.test가 {shares}입니다</translation>
  </message>
  <message>
   <source>shares, 0 or more and below 1 together</source>
   <translation>0 이상이고 합하여 1보다 작은 비율</translation>
  </message>
  <message>
   <source>data.soft and data.several are both true</source>
   <translation>data.soft와 data.several이 둘 다 true입니다</translation>
  </message>
  <message>
   <source>one: shares of a pixel, or classes at once</source>
   <translation>하나만: 픽셀의 비율, 또는 여러 클래스를 한꺼번에</translation>
  </message>
  <message>
   <source>data.objects with a table of samples</source>
   <translation>표본 표와 함께 data.objects를 썼습니다</translation>
  </message>
  <message>
   <source>data.objects without data.things</source>
   <translation>data.things 없이 data.objects를 썼습니다</translation>
  </message>
  <message>
   <source>beside data.scenes and data.labels, and with the names of classes in data.things</source>
   <translation>data.scenes, data.labels와 함께, data.things에 클래스 이름을 주십시오</translation>
  </message>
  <message>
   <source>in a table, a column `objects` names them</source>
   <translation>표에서는 `objects` 열이 그것을 가리킵니다</translation>
  </message>
  <message>
   <source>data.things with soft labels, or with several classes at once</source>
   <translation>부드러운 라벨이나 동시에 여러 클래스와 함께 data.things를 썼습니다</translation>
  </message>
  <message>
   <source>labels that give each pixel of an object one class</source>
   <translation>객체의 픽셀마다 클래스 하나를 주는 라벨</translation>
  </message>
  <message>
   <source>data.block = {block}, data.guard = {guard}</source>
   <translation>data.block = {block}, data.guard = {guard}</translation>
  </message>
  <message>
   <source>pixels, 0 or more</source>
   <translation>0 이상의 픽셀</translation>
  </message>
  <message>
   <source>the weight of a data set is {weight}</source>
   <translation>자료 묶음의 가중이 {weight}입니다</translation>
  </message>
  <message>
   <source>the zoom of a data set is {zoom}</source>
   <translation>데이터 집합의 확대 배율이 {zoom}입니다</translation>
  </message>
  <message>
   <source>the least and the greatest factor, from 1/{most_zoom} to {most_zoom2}</source>
   <translation>1/{most_zoom}에서 {most_zoom2} 사이의 최소 배율과 최대 배율</translation>
  </message>
  <message>
   <source>the losses weigh {parts}, gamma {gamma}</source>
   <translation>손실의 가중이 {parts}, gamma가 {gamma}입니다</translation>
  </message>
  <message>
   <source>0 or more, and one above 0</source>
   <translation>0 이상이고, 하나는 0보다 큼</translation>
  </message>
  <message>
   <source>loss.depth = {depth}</source>
   <translation>loss.depth = {depth}</translation>
  </message>
  <message>
   <source>0 or more</source>
   <translation>0 이상</translation>
  </message>
  <message>
   <source>loss.even_sets says how cross entropy and focal loss treat sets of classes, but neither is used</source>
   <translation>loss.even_sets는 교차 엔트로피와 초점 손실이 클래스 집합을 다루는 방식인데, 둘 다 쓰이지 않습니다</translation>
  </message>
  <message>
   <source>one of them, or even_sets = false</source>
   <translation>둘 중 하나, 또는 even_sets = false</translation>
  </message>
  <message>
   <source>loss.sharpen = {sharpen}</source>
   <translation>loss.sharpen = {sharpen}</translation>
  </message>
  <message>
   <source>loss.classes = {classes}</source>
   <translation>loss.classes = {classes}</translation>
  </message>
  <message>
   <source>a weight for each class, or "balanced"</source>
   <translation>클래스마다 가중치, 또는 "balanced"</translation>
  </message>
  <message>
   <source>weights above 0</source>
   <translation>0보다 큰 가중치</translation>
  </message>
  <message>
   <source>training.balance = {balance}, training.ema = {ema}</source>
   <translation>training.balance = {balance}, training.ema = {ema}</translation>
  </message>
  <message>
   <source>shares from 0 to 1</source>
   <translation>0에서 1까지의 비율</translation>
  </message>
  <message>
   <source>training.batch = {batch}</source>
   <translation>training.batch = {batch}</translation>
  </message>
  <message>
   <source>a multiple of training.accumulate = {accumulate}</source>
   <translation>training.accumulate = {accumulate}의 배수</translation>
  </message>
  <message>
   <source>augment.gain = {gain}, augment.haze = {haze}</source>
   <translation>augment.gain = {gain}, augment.haze = {haze}</translation>
  </message>
  <message>
   <source>shares, 0 or more and below 1</source>
   <translation>0 이상 1 미만의 비율</translation>
  </message>
  <message>
   <source>augment.zoom = {zoom}</source>
   <translation>augment.zoom = {zoom}</translation>
  </message>
  <message>
   <source>a factor of 1 or more</source>
   <translation>1 이상의 배율</translation>
  </message>
  <message>
   <source>augment.gamma = {gamma}</source>
   <translation>augment.gamma = {gamma}</translation>
  </message>
  <message>
   <source>a power from 1 to 10</source>
   <translation>1에서 10 사이의 거듭제곱 값</translation>
  </message>
  <message>
   <source>training.{name} = {name2}</source>
   <translation>training.{name} = {name2}</translation>
  </message>
  <message>
   <source>at most {most}</source>
   <translation>{most} 이하</translation>
  </message>
  <message>
   <source>augment.{name} = {name2}</source>
   <translation>augment.{name} = {name2}</translation>
  </message>
  <message>
   <source>a share from 0 to 1</source>
   <translation>0에서 1까지의 비율</translation>
  </message>
  <message>
   <source>no classes are given</source>
   <translation>클래스가 주어지지 않았습니다</translation>
  </message>
  <message>
   <source>--classes NAME=VALUE,NAME=VALUE or tables [[classes]]</source>
   <translation>--classes NAME=VALUE,NAME=VALUE 또는 표 [[classes]]</translation>
  </message>
  <message>
   <source>--bands {chosen}</source>
   <translation>--bands {chosen}</translation>
  </message>
  <message>
   <source>numbers from 1 to {layers}</source>
   <translation>1에서 {layers}까지의 수</translation>
  </message>
  <message>
   <source>{paths} has {images} bands, and nothing tells which is which</source>
   <translation>{paths}의 밴드는 {images}개인데, 어느 것이 무엇인지 알 수 없습니다</translation>
  </message>
  <message>
   <source>bands with names</source>
   <translation>이름이 있는 밴드</translation>
  </message>
  <message>
   <source>give their numbers with --bands, such as --bands </source>
   <translation>--bands로 번호를 주세요. 예: --bands </translation>
  </message>
  <message>
   <source>card.gsd_range = {gsd_range}</source>
   <translation>card.gsd_range = {gsd_range}</translation>
  </message>
  <message>
   <source>the least and the most, in metres</source>
   <translation>미터로, 가장 작은 값과 가장 큰 값</translation>
  </message>
  <message>
   <source>the scenes have no coordinate reference system, so their pixel size is unknown</source>
   <translation>장면에 좌표계가 없어 픽셀 크기를 알 수 없습니다</translation>
  </message>
  <message>
   <source>--gsd METRES (or card.gsd)</source>
   <translation>--gsd METRES(또는 card.gsd)</translation>
  </message>
  <message>
   <source>the configuration makes no model: {error}</source>
   <translation>이 설정으로는 모델이 되지 않습니다: {error}</translation>
  </message>
  <message>
   <source>--from brings the network of its model, with its weights</source>
   <translation>--from은 그 모델의 신경망을 가중치와 함께 가져옵니다</translation>
  </message>
  <message>
   <source>leave architecture, hyperparameters and pretrained out</source>
   <translation>architecture, hyperparameters, pretrained를 빼세요</translation>
  </message>
  <message>
   <source>mapping what is held out, for the scores</source>
   <translation>점수를 내려고 따로 둔 것을 매핑합니다</translation>
  </message>
  <message>
   <source>temperature {temperature}, fitted on validation</source>
   <translation>온도 {temperature}, 검증 부분에 맞춤</translation>
  </message>
  <message>
   <source>no temperature fits the validation part, where {right}: the confidence stays as it is</source>
   <translation>검증 부분에 맞는 온도가 없어({right}) 신뢰도를 그대로 둡니다</translation>
  </message>
  <message>
   <source>neither a configuration nor scenes are given</source>
   <translation>설정도 장면도 주어지지 않았습니다</translation>
  </message>
  <message>
   <source>CONFIG, --scenes with --labels, or --samples</source>
   <translation>CONFIG, --labels가 있는 --scenes, 또는 --samples</translation>
  </message>
  <message>
   <source>--set {text}</source>
   <translation>--set {text}</translation>
  </message>
  <message>
   <source>TABLE.KEY=VALUE, such as training.ema=0.99</source>
   <translation>TABLE.KEY=VALUE, 예: training.ema=0.99</translation>
  </message>
  <message>
   <source>--classes {strip}</source>
   <translation>--classes {strip}</translation>
  </message>
  <message>
   <source>{class}, separated by commas</source>
   <translation>{class}, 쉼표로 나눔</translation>
  </message>
  <message>
   <source>--loss {strip}</source>
   <translation>--loss {strip}</translation>
  </message>
  <message>
   <source>NAME or NAME=WEIGHT, such as dice=0.5</source>
   <translation>NAME 또는 NAME=WEIGHT, 예: dice=0.5</translation>
  </message>
  <message>
   <source>how the bands go together is known from {windows}</source>
   <translation>밴드들이 어떻게 어울리는지는 {windows}에서 알 수 있습니다</translation>
  </message>
  <message>
   <source>the card does not say which spectra the model knows: no window is whole</source>
   <translation>온전한 창이 없어, 카드에 모델이 아는 스펙트럼이 나오지 않습니다</translation>
  </message>
  <message>
   <source>the card does not say which spectra the model knows, for scikit-learn is not installed: pip install 'geoseg[train]', then `geoseg models novelty`</source>
   <translation>scikit-learn이 설치되지 않아 카드에 모델이 아는 스펙트럼이 나오지 않습니다: pip install 'geoseg[train]' 다음에 `geoseg models novelty`</translation>
  </message>
  <message>
   <source>{device} has no bfloat16</source>
   <translation>{device}에는 bfloat16이 없습니다</translation>
  </message>
  <message>
   <source>use precision = float32</source>
   <translation>precision = float32를 쓰세요</translation>
  </message>
  <message>
   <source>a multiple of {stride}, which is what this {architecture} takes</source>
   <translation>이 {architecture}에 필요한 {stride}의 배수</translation>
  </message>
  <message>
   <source>such as {stride}</source>
   <translation>예: {stride}</translation>
  </message>
  <message>
   <source>{micro} crop of {shape} px at a time is too little for batch normalisation</source>
   <translation>한 번에 {shape} px 조각 {micro}개는 배치 정규화에 너무 적습니다</translation>
  </message>
  <message>
   <source>two crops or more on each device, or larger ones</source>
   <translation>장치마다 조각 두 개 이상, 또는 더 큰 조각</translation>
  </message>
  <message>
   <source>raise the batch or the crop, or lower accumulate</source>
   <translation>배치나 조각을 키우거나 accumulate를 낮추세요</translation>
  </message>
  <message>
   <source>the folder {out} cannot be written</source>
   <translation>폴더 {out}에 쓸 수 없습니다</translation>
  </message>
  <message>
   <source>choose another --out</source>
   <translation>다른 --out을 고르세요</translation>
  </message>
  <message>
   <source>a multiple of {pieces}: {size} processes, {accumulate} parts each</source>
   <translation>{pieces}의 배수: 프로세스 {size}개, 각각 {accumulate}부분</translation>
  </message>
  <message>
   <source>resumed after step {first}</source>
   <translation>단계 {first} 뒤에서 이어 감</translation>
  </message>
  <message>
   <source>the loss is {loss} at step {step}</source>
   <translation>단계 {step}에서 손실이 {loss}입니다</translation>
  </message>
  <message>
   <source>{out} cannot be a folder: {strerror}</source>
   <translation>{out}은(는) 폴더가 될 수 없습니다: {strerror}</translation>
  </message>
  <message>
   <source>training.optimiser = 'soap'</source>
   <translation>training.optimiser = 'soap'</translation>
  </message>
  <message>
   <source>the package pytorch-optimizer</source>
   <translation>패키지 pytorch-optimizer</translation>
  </message>
  <message>
   <source>pip install 'geoseg[train]'</source>
   <translation>pip install 'geoseg[train]'</translation>
  </message>
  <message>
   <source>Labels that mean one of several classes:</source>
   <translation>여러 클래스 중 하나를 뜻하는 레이블:</translation>
  </message>
  <message>
   <source>[augment.levels] has {gain} and {offset} numbers</source>
   <translation>[augment.levels]에 gain {gain}개와 offset {offset}개가 있습니다</translation>
  </message>
  <message>
   <source>one gain and one offset for each of {bands} bands</source>
   <translation>밴드 {bands}개마다 gain 하나와 offset 하나</translation>
  </message>
  <message>
   <source>data.several and datasets.{twice}.soft are both true</source>
   <translation>data.several과 datasets.{twice}.soft가 둘 다 true입니다</translation>
  </message>
  <message>
   <source>data.several = true with a loss that gives every pixel one class (cross_entropy, focal)</source>
   <translation>픽셀마다 클래스 하나를 주는 손실(cross_entropy, focal)에 data.several = true</translation>
  </message>
  <message>
   <source>binary cross entropy, alone or with dice</source>
   <translation>이진 교차 엔트로피, 홀로 또는 dice와 함께</translation>
  </message>
  <message>
   <source>[loss] cross_entropy = 0, binary = 1, or --loss binary</source>
   <translation>[loss] cross_entropy = 0, binary = 1, 또는 --loss binary</translation>
  </message>
  <message>
   <source>the source {pop} stands for two classes</source>
   <translation>출처 {pop}이(가) 두 클래스를 뜻합니다</translation>
  </message>
  <message>
   <source>one class for each value</source>
   <translation>값마다 클래스 하나</translation>
  </message>
  <message>
   <source>data.things names {unknown}, which is no class</source>
   <translation>data.things에 클래스가 아닌 {unknown}이(가) 있습니다</translation>
  </message>
  <message>
   <source>some of {names}</source>
   <translation>{names} 가운데 일부</translation>
  </message>
  <message>
   <source>there is only one class</source>
   <translation>클래스가 하나뿐입니다</translation>
  </message>
  <message>
   <source>two or more</source>
   <translation>둘 이상</translation>
  </message>
  <message>
   <source>what it is not must be a class as well</source>
   <translation>그것이 아닌 것도 클래스라야 합니다</translation>
  </message>
  <message>
   <source>loss.classes has {classes} weights</source>
   <translation>loss.classes의 가중치는 {classes}개입니다</translation>
  </message>
  <message>
   <source>one for each of {labels}</source>
   <translation>{labels}마다 하나</translation>
  </message>
  <message>
   <source>{name} is {name2}</source>
   <translation>{name}은(는) {name2}입니다</translation>
  </message>
  <message>
   <source>a table [{name}]</source>
   <translation>표 [{name}]</translation>
  </message>
  <message>
   <source>{where} holds {table}</source>
   <translation>{where}에 {table}이(가) 있습니다</translation>
  </message>
  <message>
   <source>tables [[{where}]]</source>
   <translation>표 [[{where}]]</translation>
  </message>
  <message>
   <source>[{where}] lacks {missing}</source>
   <translation>[{where}]에 {missing}이(가) 없습니다</translation>
  </message>
  <message>
   <source>{where} holds unknown {unknown}</source>
   <translation>{where}에 알 수 없는 {unknown}이(가) 있습니다</translation>
  </message>
  <message>
   <source>only {known}</source>
   <translation>{known}만</translation>
  </message>
  <message>
   <source>the configuration {path} cannot be read: {strerror}</source>
   <translation>설정 {path}을(를) 읽을 수 없습니다: {strerror}</translation>
  </message>
  <message>
   <source>{path} is nested too deeply</source>
   <translation>{path}이(가) 너무 깊이 겹쳐 있습니다</translation>
  </message>
  <message>
   <source>a configuration, of tables and values</source>
   <translation>표와 값으로 된 설정</translation>
  </message>
  <message>
   <source>{path} is not TOML: {error}</source>
   <translation>{path}은(는) TOML이 아닙니다: {error}</translation>
  </message>
  <message>
   <source>[classes]: {error}</source>
   <translation>[classes]: {error}</translation>
  </message>
  <message>
   <source>two classes have the {what} {pop}</source>
   <translation>두 클래스의 {what}이(가) {pop}(으)로 같습니다</translation>
  </message>
  <message>
   <source>a number within {most} of 0</source>
   <translation>0에서 {most} 이내의 수</translation>
  </message>
  <message>
   <source>{names} classes and {sets} sets of them</source>
   <translation>클래스 {names}개와 그 묶음 {sets}개</translation>
  </message>
  <message>
   <source>less than {nodata} together</source>
   <translation>합하여 {nodata}보다 적게</translation>
  </message>
  <message>
   <source>a legend names {unknown}, which is no class</source>
   <translation>범례에 클래스가 아닌 {unknown}이(가) 있습니다</translation>
  </message>
  <message>
   <source>of {names}, with | between</source>
   <translation>{names} 중에서, 사이에 |</translation>
  </message>
  <message>
   <source>a legend's {key} names a class twice</source>
   <translation>범례의 {key}에 한 클래스가 두 번 있습니다</translation>
  </message>
  <message>
   <source>each class once</source>
   <translation>클래스마다 한 번</translation>
  </message>
  <message>
   <source>only {there} is labelled in the training samples</source>
   <translation>학습 표본에 {there}만 레이블이 있습니다</translation>
  </message>
  <message>
   <source>two classes or more</source>
   <translation>클래스 둘 이상</translation>
  </message>
  <message>
   <source>look at the labels' values, or hold other places out</source>
   <translation>레이블의 값을 보거나, 다른 곳을 따로 두세요</translation>
  </message>
  <message>
   <source>{pairs} scenes to train on, {total} Mpx labelled: {shares}</source>
   <translation>학습할 장면 {pairs}개, 레이블 {total} Mpx: {shares}</translation>
  </message>
  <message>
   <source>split by {by}: {counts} (split.json)</source>
   <translation>{by}(으)로 나눔: {counts} (split.json)</translation>
  </message>
  <message>
   <source>scenes without a CRS may be neighbours, which cannot be told: name their places in a table</source>
   <translation>좌표계가 없는 장면은 서로 이웃인지 알 수 없습니다. 표에 그 장소의 이름을 적으세요</translation>
  </message>
  <message>
   <source>{odd} of {samples} scenes, such as {name}, are in degrees, turned or of oblong pixels: they are learned as they lie, while what is mapped is brought to squares with north up; gdalwarp them and their labels to a projected CRS, or map with --gsd native</source>
   <translation>장면 {samples}개 중 {odd}개({name} 등)가 도 단위이거나 회전되었거나 픽셀이 길쭉합니다. 학습은 있는 그대로 하지만, 지도를 만들 때는 북쪽이 위인 정사각형 픽셀로 바꿉니다. 장면과 라벨을 gdalwarp로 투영 좌표계로 옮기거나, --gsd native로 지도를 만드세요</translation>
  </message>
  <message>
   <source>features of different classes overlap on {conflicts} pixels of the training labels; there, the later feature in the file counts</source>
   <translation>학습 레이블의 {conflicts} 픽셀에서 클래스가 다른 피처가 겹칩니다. 거기서는 파일에서 뒤에 있는 피처를 씁니다</translation>
  </message>
  <message>
   <source>the training samples have no pixel of {missing}: they cannot be learned</source>
   <translation>학습 표본에 {missing}의 픽셀이 없어 배울 수 없습니다</translation>
  </message>
  <message>
   <source>no training sample says {vague} and nothing else: only as one of several classes, so what tells it from the others is not learned</source>
   <translation>{vague}만을 말하는 학습 표본이 없습니다. 여러 클래스 중 하나로만 나와, 다른 것과 구별하는 법을 배우지 못합니다</translation>
  </message>
  <message>
   <source>{name}: {missing} features without a shape are left out</source>
   <translation>{name}: 도형이 없는 피처 {missing}개를 뺍니다</translation>
  </message>
  <message>
   <source>the network has no encoder that {name} could fill</source>
   <translation>신경망에 {name}(으)로 채울 인코더가 없습니다</translation>
  </message>
  <message>
   <source>leave pretrained out</source>
   <translation>pretrained를 빼세요</translation>
  </message>
  <message>
   <source>{name} holds {given} tensors</source>
   <translation>{name}에 텐서 {given}개가 있습니다</translation>
  </message>
  <message>
   <source>{own}, as the network's encoder</source>
   <translation>신경망의 인코더처럼 {own}개</translation>
  </message>
  <message>
   <source>unknown pretrained encoder {name}</source>
   <translation>알 수 없는 사전 학습 인코더 {name}</translation>
  </message>
  <message>
   <source>{pretrained}, or a file ({files})</source>
   <translation>{pretrained}, 또는 파일({files})</translation>
  </message>
  <message>
   <source>the weights of {name} are not installed</source>
   <translation>{name}의 가중치가 설치되어 있지 않습니다</translation>
  </message>
  <message>
   <source>pip install {index_name}</source>
   <translation>pip install {index_name}</translation>
  </message>
  <message>
   <source>{path} holds no tensors by name</source>
   <translation>{path}에 이름이 있는 텐서가 없습니다</translation>
  </message>
  <message>
   <source>a state_dict</source>
   <translation>state_dict</translation>
  </message>
  <message>
   <source>{key} of {name} is {shape}</source>
   <translation>{name}의 {key}은(는) {shape}입니다</translation>
  </message>
  <message>
   <source>the weights {path} cannot be read: {error}</source>
   <translation>가중치 {path}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{path} holds no weights that can be read as data</source>
   <translation>{path}에 자료로 읽을 수 있는 가중치가 없습니다</translation>
  </message>
  <message>
   <source>tensors by name, in safetensors or as torch.save writes a state_dict</source>
   <translation>safetensors, 또는 torch.save가 쓴 state_dict의, 이름이 있는 텐서</translation>
  </message>
  <message>
   <source>--device {name}: no CUDA device is here</source>
   <translation>--device {name}: 여기에는 CUDA 장치가 없습니다</translation>
  </message>
  <message>
   <source>{name} was trained on all places, so that it cannot be measured on any of them</source>
   <translation>{name}은(는) 모든 장소로 학습되어 그 어느 곳에서도 측정할 수 없습니다</translation>
  </message>
  <message>
   <source>its twin, which holds some out</source>
   <translation>일부 장소를 남겨 둔 쌍둥이 모델</translation>
  </message>
  <message>
   <source>measure the twin, and train again with --twin</source>
   <translation>쌍둥이 모델을 측정하고 --twin으로 다시 학습하십시오</translation>
  </message>
  <message>
   <source>the configuration's classes are {given}</source>
   <translation>설정의 클래스는 {given}입니다</translation>
  </message>
  <message>
   <source>those of {name}: {own}</source>
   <translation>{name}의 클래스: {own}</translation>
  </message>
  <message>
   <source>{config} holds nothing out</source>
   <translation>{config}은(는) 남겨 둔 장소가 없습니다</translation>
  </message>
  <message>
   <source>places in data.validation or data.test</source>
   <translation>data.validation 또는 data.test에 적힌 장소</translation>
  </message>
  <message>
   <source>{path} does not tell what was trained on: {error}</source>
   <translation>{path}에서 무엇으로 학습했는지 알 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>the file that geoseg train wrote</source>
   <translation>geoseg train이 쓴 파일</translation>
  </message>
  <message>
   <source>{name} was trained on {scene} ({path})</source>
   <translation>{name}은(는) {scene}(으)로 학습되었습니다 ({path})</translation>
  </message>
  <message>
   <source>places, or blocks of them, that were held out then</source>
   <translation>그때 따로 남겨 둔 장소 또는 그 블록</translation>
  </message>
  <message>
   <source>: accuracy {accuracy}, mean IoU {mean_iou} {where}</source>
   <translation>: 정확도 {accuracy}, 평균 IoU {mean_iou} {where}</translation>
  </message>
  <message>
   <source>{json} and its weights are written, report in {html}</source>
   <translation>{json}과(와) 그 가중치를 썼으며, 보고서는 {html}에 있습니다</translation>
  </message>
  <message>
   <source>{folder} holds {what}</source>
   <translation>{folder}에 {what}이(가) 있습니다</translation>
  </message>
  <message>
   <source>--resume it, --overwrite it, or choose another --out</source>
   <translation>--resume로 이어 가거나, --overwrite로 바꾸거나, 다른 --out을 고르세요</translation>
  </message>
  <message>
   <source>no pixel of the {part} samples is labelled</source>
   <translation>{part} 표본에 레이블된 픽셀이 없습니다</translation>
  </message>
  <message>
   <source>look at the labels' values, and at where they lie</source>
   <translation>레이블의 값과 그 위치를 보세요</translation>
  </message>
  <message>
   <source>hold other places out for {part}</source>
   <translation>{part}에 다른 곳을 따로 두세요</translation>
  </message>
  <message>
   <source>the source {source} stands for two classes</source>
   <translation>값 {source}이(가) 두 클래스를 뜻합니다</translation>
  </message>
  <message>
   <source>a value that means one of several is written "trees|grass" = [4]</source>
   <translation>여럿 중 하나를 뜻하는 값은 "trees|grass" = [4]처럼 씁니다</translation>
  </message>
  <message>
   <source>band {source} of the labels stands for two classes</source>
   <translation>레이블의 밴드 {source}이(가) 두 클래스를 뜻합니다</translation>
  </message>
  <message>
   <source>one class for each band</source>
   <translation>밴드마다 클래스 하나</translation>
  </message>
  <message>
   <source>the bands of all classes, such as NAME=VALUE::BAND in --classes, or "sources"</source>
   <translation>모든 클래스의 밴드, 예를 들어 --classes의 NAME=VALUE::BAND 또는 "sources"</translation>
  </message>
  <message>
   <source>the legend of labels with bands names {places}</source>
   <translation>밴드가 있는 레이블의 범례에 {places}이(가) 있습니다</translation>
  </message>
  <message>
   <source>every band once, from 1 on</source>
   <translation>1부터 밴드마다 한 번</translation>
  </message>
  <message>
   <source>a band that tells nothing may mean one of all classes</source>
   <translation>아무것도 말하지 않는 밴드는 모든 클래스 중 하나를 뜻할 수 있습니다</translation>
  </message>
  <message>
   <source>the raster {path} says of which class pixels are, not of which object</source>
   <translation>래스터 {path}은(는) 픽셀의 클래스를 말할 뿐, 어느 객체의 것인지는 말하지 않습니다</translation>
  </message>
  <message>
   <source>vector labels, of which each feature is an object, or numbers of objects beside</source>
   <translation>피처마다 객체 하나인 벡터 라벨, 또는 따로 준 객체 번호</translation>
  </message>
  <message>
   <source>give a raster with a number for each object: --objects, or the column `objects` of a table</source>
   <translation>객체마다 번호가 있는 래스터를 주십시오: --objects, 또는 표의 `objects` 열</translation>
  </message>
  <message>
   <source>the data set {dataset} of {scene} is not in the configuration</source>
   <translation>{scene}의 자료 묶음 {dataset}이(가) 설정에 없습니다</translation>
  </message>
  <message>
   <source>one of {legends}</source>
   <translation>{legends} 중 하나</translation>
  </message>
  <message>
   <source>a table [datasets.{name}]</source>
   <translation>표 [datasets.{name}]</translation>
  </message>
  <message>
   <source>columns scene, label, and perhaps objects, place, level and dataset</source>
   <translation>scene, label 열, 그리고 필요하면 objects, place, level, dataset 열</translation>
  </message>
  <message>
   <source>data.groups names {groups}</source>
   <translation>data.groups에 {groups}이(가) 적혀 있습니다</translation>
  </message>
  <message>
   <source>a table of samples (data.samples), whose columns these are</source>
   <translation>이 열들을 가진 표본 표(data.samples)</translation>
  </message>
  <message>
   <source>only one of data.scenes and data.labels is given</source>
   <translation>data.scenes와 data.labels 중 하나만 주어졌습니다</translation>
  </message>
  <message>
   <source>both</source>
   <translation>둘 다</translation>
  </message>
  <message>
   <source>the table of samples {path} has no rows</source>
   <translation>표본의 표 {path}에 행이 없습니다</translation>
  </message>
  <message>
   <source>{where} has more or fewer fields than the header</source>
   <translation>{where}의 칸 수가 머리글과 다릅니다</translation>
  </message>
  <message>
   <source>there are {scenes} --scenes and {labels} --labels</source>
   <translation>--scenes는 {scenes}개, --labels는 {labels}개입니다</translation>
  </message>
  <message>
   <source>one for each, in one order</source>
   <translation>같은 순서로 하나씩</translation>
  </message>
  <message>
   <source>{lonely} of {left} scenes in {scenes} have no labels in {labels}, such as {lonely2}</source>
   <translation>{scenes}의 장면 {left}개 중 {lonely}개의 레이블이 {labels}에 없습니다. 예: {lonely2}</translation>
  </message>
  <message>
   <source>labels under the scene's name</source>
   <translation>장면과 같은 이름의 레이블</translation>
  </message>
  <message>
   <source>give a table with --samples where the names differ</source>
   <translation>이름이 다르면 --samples로 표를 주세요</translation>
  </message>
  <message>
   <source>{path} holds no files</source>
   <translation>{path}에 파일이 없습니다</translation>
  </message>
  <message>
   <source>the table of samples {path} cannot be read: {strerror}</source>
   <translation>표본의 표 {path}을(를) 읽을 수 없습니다: {strerror}</translation>
  </message>
  <message>
   <source>the table of samples {path} is not CSV in UTF-8: {error}</source>
   <translation>표본의 표 {path}은(는) UTF-8의 CSV가 아닙니다: {error}</translation>
  </message>
  <message>
   <source>{where} names no {name}</source>
   <translation>{where}에 {name}이(가) 없습니다</translation>
  </message>
  <message>
   <source>{key} and {path} are labels of one name</source>
   <translation>{key}과(와) {path}은(는) 같은 이름의 레이블입니다</translation>
  </message>
  <message>
   <source>one for each scene</source>
   <translation>장면마다 하나</translation>
  </message>
  <message>
   <source>{path} lacks {missing}</source>
   <translation>{path}에 {missing}이(가) 없습니다</translation>
  </message>
  <message>
   <source>{where}: the {name} {file} does not exist</source>
   <translation>{where}: {name} {file}이(가) 없습니다</translation>
  </message>
  <message>
   <source>no sample is left for training</source>
   <translation>학습에 남은 표본이 없습니다</translation>
  </message>
  <message>
   <source>hold fewer places out</source>
   <translation>더 적은 곳을 따로 두세요</translation>
  </message>
  <message>
   <source>no pixel of the samples is labelled</source>
   <translation>표본에 레이블된 픽셀이 없습니다</translation>
  </message>
  <message>
   <source>labels of the classes on the ground of their scenes</source>
   <translation>자신의 장면이 있는 땅 위의, 클래스의 레이블</translation>
  </message>
  <message>
   <source>the labels fill only {known} blocks</source>
   <translation>레이블이 블록 {known}개만 채웁니다</translation>
  </message>
  <message>
   <source>{wanted} or more, for training and what is held out</source>
   <translation>학습과 따로 둘 것에 {wanted}개 이상</translation>
  </message>
  <message>
   <source>give more labels, a smaller data.block and data.guard, or hold nothing out with validation = []</source>
   <translation>레이블을 더 주거나, data.block과 data.guard를 줄이거나, validation = []로 따로 두지 마세요</translation>
  </message>
  <message>
   <source>the scenes of place {place} differ in their CRS or direction, so they cannot be cut into common blocks</source>
   <translation>장소 {place}의 장면들은 좌표계나 방향이 달라 공통 블록으로 나눌 수 없습니다</translation>
  </message>
  <message>
   <source>scenes of one CRS</source>
   <translation>한 좌표계의 장면</translation>
  </message>
  <message>
   <source>name whole places to hold out with data.validation</source>
   <translation>data.validation으로 따로 둘 장소 전체를 지정하세요</translation>
  </message>
  <message>
   <source>scenes of one place run in opposite directions</source>
   <translation>한 장소의 장면들이 반대 방향으로 놓여 있습니다</translation>
  </message>
  <message>
   <source>bring them north up with gdalwarp</source>
   <translation>gdalwarp로 북쪽을 위로 하세요</translation>
  </message>
  <message>
   <source>place {place} is both in validation and in test</source>
   <translation>장소 {place}이(가) validation과 test에 모두 있습니다</translation>
  </message>
  <message>
   <source>no place is named by data.{name} = {given}</source>
   <translation>data.{name} = {given}에 해당하는 장소가 없습니다</translation>
  </message>
  <message>
   <source>such as {known}</source>
   <translation>예: {known}</translation>
  </message>
  <message>
   <source>{text}; new: {new}, which {otherwise}</source>
   <translation>{text}; 새로운 것: {new}, {otherwise}</translation>
  </message>
  <message>
   <source>{what} kept: {none}</source>
   <translation>{what} 유지: {none}</translation>
  </message>
  <message>
   <source>{name} cannot be trained on</source>
   <translation>{name}은(는) 이어서 학습할 수 없습니다</translation>
  </message>
  <message>
   <source>a bundle with model.safetensors</source>
   <translation>model.safetensors가 있는 묶음</translation>
  </message>
  <message>
   <source>the weights of {name} lack {key}</source>
   <translation>{name}의 가중치에 {key}이(가) 없습니다</translation>
  </message>
  <message>
   <source>those of its card's architecture</source>
   <translation>그 카드의 아키텍처의 것</translation>
  </message>
  <message>
   <source>the twin {name} has no scores of its own</source>
   <translation>쌍둥이 모델 {name}에는 자체 점수가 없습니다</translation>
  </message>
  <message>
   <source>a model that was measured on places held out</source>
   <translation>남겨 둔 장소에서 측정된 모델</translation>
  </message>
  <message>
   <source>the twin {name} was measured on {named}, which is not among these data</source>
   <translation>쌍둥이 모델 {name}은(는) 이 데이터에 없는 {named}에서 측정되었습니다</translation>
  </message>
  <message>
   <source>a model trained with the same data, which holds some of them out</source>
   <translation>같은 데이터로 학습하면서 그 일부를 따로 남겨 둔 모델</translation>
  </message>
  <message>
   <source>the twin {name} differs in its {what}: {its}, not {mine}</source>
   <translation>쌍둥이 모델 {name}의 {what}이(가) 다릅니다: {mine}이(가) 아니라 {its}</translation>
  </message>
  <message>
   <source>a model trained with the same configuration, which holds places out</source>
   <translation>같은 설정으로 학습하되 장소를 남겨 둔 모델</translation>
  </message>
  <message>
   <source>polygons that end in the same rows have {start} vertices when smoothed</source>
   <translation>같은 행에서 끝나는 폴리곤들의 꼭짓점이 다듬으면 {start}개가 됩니다</translation>
  </message>
  <message>
   <source>use fewer rounds, or --simplify as well</source>
   <translation>횟수를 줄이거나 --simplify도 쓰세요</translation>
  </message>
  <message>
   <source>a raster of {width} x {height} px</source>
   <translation>{width} x {height} px의 래스터</translation>
  </message>
  <message>
   <source>at most {parts} px a side here</source>
   <translation>여기서는 한 변 {parts} px 이하</translation>
  </message>
  <message>
   <source>use fewer rounds of --smooth, or cut the raster</source>
   <translation>--smooth의 횟수를 줄이거나 래스터를 나누세요</translation>
  </message>
  <message>
   <source>{path} holds tiles</source>
   <translation>{path}에는 타일이 들어 있습니다</translation>
  </message>
  <message>
   <source>the file of whole polygons beside it</source>
   <translation>그 옆에 있는 온전한 폴리곤 파일</translation>
  </message>
  <message>
   <source>{path} holds {names} classes</source>
   <translation>{path}에는 클래스가 {names}개 있습니다</translation>
  </message>
  <message>
   <source>at most {nodata}</source>
   <translation>최대 {nodata}개</translation>
  </message>
  <message>
   <source>{path} holds no polygons</source>
   <translation>{path}에 폴리곤이 없습니다</translation>
  </message>
  <message>
   <source>a map of at least one</source>
   <translation>폴리곤이 하나 이상인 지도</translation>
  </message>
  <message>
   <source>{path} has a column class_id of {type}</source>
   <translation>{path}의 class_id 열은 {type} 형식입니다</translation>
  </message>
  <message>
   <source>a whole number in each</source>
   <translation>각 행에 정수</translation>
  </message>
  <message>
   <source>{path} holds several maps: {layers}</source>
   <translation>{path}에 여러 지도가 있습니다: {layers}</translation>
  </message>
  <message>
   <source>name it: {path}|layername={layer}</source>
   <translation>이름을 지정하세요: {path}|layername={layer}</translation>
  </message>
  <message>
   <source>{path} calls class {value} both {value2} and {name}</source>
   <translation>{path}에서 클래스 {value}의 이름이 {value2}이기도 하고 {name}이기도 합니다</translation>
  </message>
  <message>
   <source>one name for each class</source>
   <translation>클래스마다 하나의 이름</translation>
  </message>
  <message>
   <source>draw the map of each model by itself</source>
   <translation>모델마다 지도를 따로 그리세요</translation>
  </message>
  <message>
   <source>one of {tracing}</source>
   <translation>{tracing} 중 하나</translation>
  </message>
  <message>
   <source>the mask {path} has {bands} bands</source>
   <translation>마스크 {path}의 밴드는 {bands}개입니다</translation>
  </message>
  <message>
   <source>one band, which is 0 outside</source>
   <translation>바깥이 0인 밴드 하나</translation>
  </message>
  <message>
   <source>make a file of the one that is meant with gdal_translate -b N</source>
   <translation>gdal_translate -b N으로 뜻하는 밴드의 파일을 만드세요</translation>
  </message>
  <message>
   <source>{path} is {width} x {height} px</source>
   <translation>{path}은(는) {width} x {height} px입니다</translation>
  </message>
  <message>
   <source>the class raster's {width} x {height}</source>
   <translation>클래스 래스터의 {width} x {height}</translation>
  </message>
  <message>
   <source>bring it to that grid with gdalwarp -te -ts</source>
   <translation>gdalwarp -te -ts로 그 격자에 맞추세요</translation>
  </message>
  <message>
   <source>{path} does not lie on the class raster's grid</source>
   <translation>{path}이(가) 클래스 래스터의 격자 위에 있지 않습니다</translation>
  </message>
  <message>
   <source>the same CRS and corners</source>
   <translation>같은 좌표계와 모서리</translation>
  </message>
  <message>
   <source>bring it to that grid with gdalwarp -t_srs -te -ts</source>
   <translation>gdalwarp -t_srs -te -ts로 그 격자에 맞추세요</translation>
  </message>
  <message>
   <source>{given} with a table of a database</source>
   <translation>데이터베이스 테이블과 함께 쓰인 {given}</translation>
  </message>
  <message>
   <source>the polygons went to {path}</source>
   <translation>폴리곤은 {path}에 저장되었습니다</translation>
  </message>
  <message>
   <source>them in a file</source>
   <translation>파일에 저장된 폴리곤</translation>
  </message>
  <message>
   <source>read it with geopandas.read_postgis</source>
   <translation>geopandas.read_postgis로 읽으십시오</translation>
  </message>
  <message>
   <source>{path} holds its polygons in tiles, cut at their borders</source>
   <translation>{path}: 폴리곤이 타일 경계에서 잘린 채 타일에 들어 있습니다</translation>
  </message>
  <message>
   <source>a file of whole polygons</source>
   <translation>온전한 폴리곤의 파일</translation>
  </message>
  <message>
   <source>write a GeoPackage, and look at that</source>
   <translation>GeoPackage로 쓰고 그것을 보십시오</translation>
  </message>
  <message>
   <source>the polygons {path} are there no more</source>
   <translation>폴리곤 {path}이(가) 더 이상 없습니다</translation>
  </message>
  <message>
   <source>the polygons {path} cannot be read: {error}</source>
   <translation>폴리곤 {path}을(를) 읽을 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{path} has no layer {polygons}</source>
   <translation>{path}에 {polygons} 레이어가 없습니다</translation>
  </message>
  <message>
   <source>of polygons</source>
   <translation>폴리곤</translation>
  </message>
  <message>
   <source>one that it has</source>
   <translation>파일에 있는 레이어</translation>
  </message>
  <message>
   <source>{path} has {a} CRS, the merged file has not the same</source>
   <translation>{path}의 좌표계는 {a}인데, 합친 파일의 것과 다릅니다</translation>
  </message>
  <message>
   <source>look at the address, and whether the server runs</source>
   <translation>주소를 확인하고 서버가 실행 중인지 보십시오</translation>
  </message>
  <message>
   <source>the server's disk is full: free some space there</source>
   <translation>서버의 디스크가 가득 찼습니다: 그곳에 공간을 확보하십시오</translation>
  </message>
  <message>
   <source>somebody else has locked the table: try again when they are done</source>
   <translation>다른 사용자가 테이블을 잠갔습니다: 끝난 뒤 다시 시도하십시오</translation>
  </message>
  <message>
   <source>ask the owner of the database for this right</source>
   <translation>데이터베이스 소유자에게 이 권한을 요청하십시오</translation>
  </message>
  <message>
   <source>an address of a database that libpq cannot read, or that does not end in a table</source>
   <translation>libpq가 읽을 수 없거나 테이블로 끝나지 않는 데이터베이스 주소</translation>
  </message>
  <message>
   <source>postgresql://HOST/DATABASE and then #TABLE or #SCHEMA.TABLE, names of at most {longest} bytes</source>
   <translation>postgresql://HOST/DATABASE 뒤에 #TABLE 또는 #SCHEMA.TABLE, 이름은 최대 {longest}바이트</translation>
  </message>
  <message>
   <source>within a name or password a dot is written %2E, # %23, @ %40, / %2F, : %3A, ? %3F and % %25</source>
   <translation>이름이나 비밀번호 안의 점은 %2E, #은 %23, @은 %40, /은 %2F, :은 %3A, ?은 %3F, %는 %25로 씁니다</translation>
  </message>
  <message>
   <source>the table {style_table}, in which QGIS keeps the styles of all layers</source>
   <translation>QGIS가 모든 레이어의 스타일을 두는 {style_table} 테이블</translation>
  </message>
  <message>
   <source>{told}: there is no such schema</source>
   <translation>{told}: 그런 스키마가 없습니다</translation>
  </message>
  <message>
   <source>{told} is {what}</source>
   <translation>{told}: {what}</translation>
  </message>
  <message>
   <source>the name of a plain table, or a new one</source>
   <translation>일반 테이블의 이름 또는 새 이름</translation>
  </message>
  <message>
   <source>{told} exists already</source>
   <translation>{told}: 이미 있습니다</translation>
  </message>
  <message>
   <source>{told} belongs to somebody else</source>
   <translation>{told}: 다른 사용자의 것입니다</translation>
  </message>
  <message>
   <source>a table of this user's</source>
   <translation>이 사용자의 테이블</translation>
  </message>
  <message>
   <source>the polygons are kept in {kept}: bring them there by ogr2ogr, or delete them</source>
   <translation>폴리곤은 {kept}에 보관되어 있습니다: ogr2ogr로 옮기거나 삭제하십시오</translation>
  </message>
  <message>
   <source>PostGIS needs psycopg, which is not installed</source>
   <translation>PostGIS에는 psycopg가 필요하지만 설치되어 있지 않습니다</translation>
  </message>
  <message>
   <source>pip install 'geoseg[postgis]'</source>
   <translation>pip install 'geoseg[postgis]'</translation>
  </message>
  <message>
   <source>{told} was written by somebody else while this ran, and was not replaced</source>
   <translation>{told}: 실행 중에 다른 사용자가 썼으며 바꾸지 않았습니다</translation>
  </message>
  <message>
   <source>{told} cannot be replaced, as other objects depend on it: {held}</source>
   <translation>{told}: 다른 객체가 의존하므로 바꿀 수 없습니다: {held}</translation>
  </message>
  <message>
   <source>a table that nothing depends on</source>
   <translation>아무것도 의존하지 않는 테이블</translation>
  </message>
  <message>
   <source>drop these first, or choose another name</source>
   <translation>그것들을 먼저 지우거나 다른 이름을 고르십시오</translation>
  </message>
  <message>
   <source>{told}: the database has no PostGIS</source>
   <translation>{told}: 데이터베이스에 PostGIS가 없습니다</translation>
  </message>
  <message>
   <source>the extension postgis</source>
   <translation>postgis 확장</translation>
  </message>
  <message>
   <source>have its owner run CREATE EXTENSION postgis</source>
   <translation>소유자가 CREATE EXTENSION postgis를 실행하게 하십시오</translation>
  </message>
  <message>
   <source>{told}: no right to make tables in the schema {schema}</source>
   <translation>{told}: 스키마 {schema}에 테이블을 만들 권한이 없습니다</translation>
  </message>
  <message>
   <source>ask its owner for it, or name another schema</source>
   <translation>소유자에게 요청하거나 다른 스키마를 지정하십시오</translation>
  </message>
  <message>
   <source>the style for QGIS could not be put into the database: {error}</source>
   <translation>QGIS 스타일을 데이터베이스에 넣을 수 없었습니다: {error}</translation>
  </message>
  <message>
   <source>{path} holds no map of geoseg's{else}</source>
   <translation>{path}에는 geoseg의 지도{else}이(가) 없습니다</translation>
  </message>
  <message>
   <source> called {layer}</source>
   <translation> {layer}</translation>
  </message>
  <message>
   <source>one of its maps ({held})</source>
   <translation>그 안의 지도 가운데 하나({held})</translation>
  </message>
  <message>
   <source>{path} holds {names} maps: {names2}</source>
   <translation>{path}에는 지도가 {names}개 있습니다: {names2}</translation>
  </message>
  <message>
   <source>name it: '{path}|layername={names}'</source>
   <translation>이름을 지정하십시오: '{path}|layername={names}'</translation>
  </message>
  <message>
   <source>{path} cannot be compared: {error}</source>
   <translation>{path}을(를) 비교할 수 없습니다: {error}</translation>
  </message>
  <message>
   <source>{name} marks no class as built</source>
   <translation>{name}에는 건물로 표시된 클래스가 없습니다</translation>
  </message>
  <message>
   <source>for --square, a class with right angles</source>
   <translation>--square에는 직각이 있는 클래스</translation>
  </message>
  <message>
   <source>vectorize the class raster with --square and the value of the class</source>
   <translation>클래스 래스터를 --square와 클래스의 값으로 벡터화하세요</translation>
  </message>
  <message>
   <source>{name} has no CRS that is tied to the Earth: areas are in pixels</source>
   <translation>{name}에 지구에 묶인 좌표계가 없어 넓이가 픽셀 단위입니다</translation>
  </message>
  <message>
   <source>{name} {values} with a band of {name2}</source>
   <translation>{name2} 밴드에 {name} {values}</translation>
  </message>
  <message>
   <source>its value, {value}</source>
   <translation>그 값, {value}</translation>
  </message>
  <message>
   <source>leave {name} out: of several classes at once a band is of one</source>
   <translation>{name}을(를) 빼십시오. 여러 클래스 가운데 한 밴드는 하나의 클래스입니다</translation>
  </message>
  <message>
   <source>{name} did not take all polygons</source>
   <translation>{name}이(가) 폴리곤을 모두 받지 않았습니다</translation>
  </message>
  <message>
   <source>look at the disk, and repeat the run</source>
   <translation>디스크를 살펴보고 다시 실행하세요</translation>
  </message>
  <message>
   <source>one of {vectors}</source>
   <translation>{vectors} 중 하나</translation>
  </message>
  <message>
   <source>class {value}</source>
   <translation>클래스 {value}</translation>
  </message>
  <message>
   <source>{name}: the raster has {no} CRS</source>
   <translation>{name}: 래스터의 좌표계가 {no}입니다</translation>
  </message>
  <message>
   <source>a local</source>
   <translation>지역</translation>
  </message>
  <message>
   <source>one that is tied to the Earth, as {place}</source>
   <translation>지구에 연결된 좌표계 ({place})</translation>
  </message>
  <message>
   <source>write a GeoPackage, or give the raster its true CRS: gdal_edit.py -a_srs</source>
   <translation>GeoPackage로 쓰거나, 래스터에 참 좌표계를 주세요: gdal_edit.py -a_srs</translation>
  </message>
  <message>
   <source>the column {long} in a shapefile</source>
   <translation>shapefile의 열 {long}</translation>
  </message>
  <message>
   <source>names of at most {longest} letters</source>
   <translation>{longest}글자 이하의 이름</translation>
  </message>
  <message>
   <source>choose another format</source>
   <translation>다른 형식을 고르세요</translation>
  </message>
  <message>
   <source>polygons north or south of {northmost} degrees</source>
   <translation>위도 {northmost}도를 넘는 폴리곤</translation>
  </message>
  <message>
   <source>what lies on the maps of the web, which end there</source>
   <translation>웹 지도 안에 있는 것 (웹 지도는 그곳에서 끝납니다)</translation>
  </message>
  <message>
   <source>write a GeoPackage or FlatGeobuf</source>
   <translation>GeoPackage나 FlatGeobuf로 쓰십시오</translation>
  </message>
  <message>
   <source>polygons across the antimeridian</source>
   <translation>날짜 변경선(경도 180도)을 가로지르는 폴리곤</translation>
  </message>
  <message>
   <source>what lies on one side of it, for tiles end there</source>
   <translation>한쪽에만 있는 것 (타일은 그곳에서 끝납니다)</translation>
  </message>
  <message>
   <source>{name} is not laid out as a new database</source>
   <translation>{name}의 구조가 새 데이터베이스의 것이 아닙니다</translation>
  </message>
  <message>
   <source>pages without reserved bytes, write-ahead log and auto-vacuum</source>
   <translation>예약 바이트, 미리 쓰기 로그, 자동 정리가 없는 페이지</translation>
  </message>
  <message>
   <source>a polygon of {need} bytes</source>
   <translation>{need}바이트의 폴리곤</translation>
  </message>
  <message>
   <source>at most {longest}, which SQLite reads</source>
   <translation>SQLite가 읽을 수 있는 최대 {longest}</translation>
  </message>
  <message>
   <source>simplify the polygons, cut the raster, or write a FlatGeobuf</source>
   <translation>폴리곤을 단순화하거나, 래스터를 나누거나, FlatGeobuf로 쓰세요</translation>
  </message>
  <message>
   <source>polygons that end in the same rows have {x} vertices</source>
   <translation>같은 행에서 끝나는 폴리곤들의 꼭짓점이 {x}개입니다</translation>
  </message>
  <message>
   <source>simplify them, or cut the raster</source>
   <translation>단순화하거나 래스터를 나누세요</translation>
  </message>
  <message>
   <source>--zonal {text}</source>
   <translation>--zonal {text}</translation>
  </message>
  <message>
   <source>different bands from 1 to {count}</source>
   <translation>1에서 {count}까지의 서로 다른 밴드</translation>
  </message>
  <message>
   <source>--zonal {wanted} names a band twice</source>
   <translation>--zonal {wanted}에 한 밴드가 두 번 있습니다</translation>
  </message>
  <message>
   <source>--zonal {wanted}</source>
   <translation>--zonal {wanted}</translation>
  </message>
  <message>
   <source>a band of the scene ({known}), or a number from 1 to {names}</source>
   <translation>장면의 밴드({known}), 또는 1에서 {names}까지의 수</translation>
  </message>
 </context>
</TS>
