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

Pick the scene's layer, and run: the model is chosen by what the scene is (names of its bands, data type, pixel size). A scene that no model fits is refused with the reason. Where a scene's bands are layers of their own, such as the files of a Sentinel-2 product, pick one of them and add the others.

The polygons carry class, area, perimeter and mean confidence. The confidence raster is in percent.

The log shows the model and why it was chosen, the device, the speed, and the same job as a command line. “Describe a model” tells how far a model can be trusted.</source>
   <translation>모델로 장면의 토지 피복을 지도로 만들고, 결과를 색과 이름과 함께 불러옵니다.

장면의 레이어를 고르고 실행하십시오: 모델은 장면이 무엇인지(밴드 이름, 자료형, 픽셀 크기)에 따라 선택됩니다. 맞는 모델이 없는 장면은 이유와 함께 거부됩니다. Sentinel-2 제품의 파일처럼 밴드가 각각의 레이어이면, 하나를 고르고 나머지를 추가하십시오.

폴리곤에는 클래스, 면적, 둘레, 평균 신뢰도가 있습니다. 신뢰도 래스터는 퍼센트입니다.

로그에는 모델과 선택한 이유, 장치, 속도, 같은 작업의 명령줄이 나옵니다. “모델 설명”은 모델을 얼마나 믿을 수 있는지 알려 줍니다.</translation>
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
   <source>auto takes the one that fits the scene; or a name, or the folder of a model of your own.</source>
   <translation>auto는 장면에 맞는 모델을 고릅니다. 또는 이름이나 직접 만든 모델의 폴더.</translation>
  </message>
  <message>
   <source>In the model's order, such as 4,3,2; only where the names of the bands do not tell.</source>
   <translation>모델의 순서대로, 예: 4,3,2. 밴드 이름만으로 알 수 없을 때만 씁니다.</translation>
  </message>
  <message>
   <source>value = number * scale + offset; only where the scene does not say so itself.</source>
   <translation>값 = 수 * 스케일 + 오프셋. 장면 자체에 적혀 있지 않을 때만 씁니다.</translation>
  </message>
  <message>
   <source>fp32 gives the same classes on every machine; auto is the fastest that the device has.</source>
   <translation>fp32는 모든 컴퓨터에서 같은 클래스를 냅니다. auto는 장치에서 가장 빠른 것입니다.</translation>
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
   <source>Choose where the land cover goes: polygons, classes, or both.</source>
   <translation>토지 피복을 어디에 쓸지 고르십시오: 폴리곤, 클래스, 또는 둘 다.</translation>
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
   <source>Scene</source>
   <translation>장면</translation>
  </message>
  <message>
   <source>Layers with more of its bands</source>
   <translation>나머지 밴드의 레이어</translation>
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
   <source>Numbers of the bands</source>
   <translation>밴드 번호</translation>
  </message>
  <message>
   <source>Scale</source>
   <translation>스케일</translation>
  </message>
  <message>
   <source>Offset</source>
   <translation>오프셋</translation>
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
   <source>Give buildings right angles</source>
   <translation>건물을 직각으로 만들기</translation>
  </message>
  <message>
   <source>Go on outside the model's range</source>
   <translation>모델의 범위를 벗어나도 계속</translation>
  </message>
  <message>
   <source>Map of {scene}</source>
   <translation>{scene}의 지도</translation>
  </message>
  <message>
   <source>“{bands}” are no band numbers: write them as 4,3,2, counted from 1.</source>
   <translation>“{bands}”은(는) 밴드 번호가 아닙니다: 1부터 세어 4,3,2처럼 쓰십시오.</translation>
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
   <source>How many points</source>
   <translation>점의 수</translation>
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
   <source>Points in each class at least</source>
   <translation>클래스마다 최소 점의 수</translation>
  </message>
  <message>
   <source>Seed</source>
   <translation>시드</translation>
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
   <source>Smaller ones are merged into their largest neighbour. Square metres whatever the CRS is.</source>
   <translation>이보다 작은 것은 가장 큰 이웃에 합쳐집니다. 좌표계와 관계없이 제곱미터입니다.</translation>
  </message>
  <message>
   <source>All at once, so that neighbours keep touching: vertices go whose triangle is below this length squared.</source>
   <translation>이웃이 계속 맞닿도록 모든 경계를 한꺼번에: 삼각형 넓이가 이 길이의 제곱보다 작은 꼭짓점을 없앱니다.</translation>
  </message>
  <message>
   <source>Chaikin's corner cutting, all borders at once.</source>
   <translation>Chaikin의 모서리 깎기를 모든 경계에 한꺼번에.</translation>
  </message>
  <message>
   <source>Each pixel gets the class most frequent in a square of so many pixels around it; odd, 1 for none.</source>
   <translation>픽셀마다 둘레 정사각형에서 가장 많은 클래스를 줍니다. 홀수이며, 1은 쓰지 않음.</translation>
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
   <source>Only in this layer's polygons</source>
   <translation>이 레이어의 폴리곤 안만</translation>
  </message>
  <message>
   <source>Only in this rectangle</source>
   <translation>이 직사각형 안만</translation>
  </message>
  <message>
   <source>Smallest area of a polygon, in m²</source>
   <translation>폴리곤의 최소 면적 (m²)</translation>
  </message>
  <message>
   <source>Simplify the borders, in metres</source>
   <translation>경계 단순화 (미터)</translation>
  </message>
  <message>
   <source>Round the corners, in rounds</source>
   <translation>모서리 둥글리기 (횟수)</translation>
  </message>
  <message>
   <source>Majority filter first, in pixels</source>
   <translation>먼저 다수결 필터 (픽셀)</translation>
  </message>
  <message>
   <source>Fill holes below this area, in m²</source>
   <translation>이 면적보다 작은 구멍 메우기 (m²)</translation>
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
   <source>Traces the regions of a class raster, geoseg's or any other of 8 bits, as polygons: exact, valid, and without seams or gaps, also after simplification. Names and colours of the classes are the raster's.

The polygons carry class, area and perimeter on the ellipsoid and, with a confidence raster, its mean.</source>
   <translation>geoseg의 것이든 다른 8비트 것이든 클래스 래스터의 영역을 폴리곤으로 그립니다: 정확하고 유효하며, 단순화한 뒤에도 이음매나 틈이 없습니다. 클래스의 이름과 색은 래스터의 것입니다.

폴리곤에는 클래스, 타원체에서의 면적과 둘레, 그리고 신뢰도 래스터가 있으면 그 평균이 있습니다.</translation>
  </message>
  <message>
   <source>8 bits; its nodata value and 255 are left out.</source>
   <translation>8비트. nodata 값과 255는 뺍니다.</translation>
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
   <source>expected {what}</source>
   <translation>필요한 것: {what}</translation>
  </message>
  <message>
   <source>{program} cannot be started: {error}</source>
   <translation>{program}을(를) 시작할 수 없습니다: {error}</translation>
  </message>
 </context>
</TS>
