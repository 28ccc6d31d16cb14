"""The algorithms: one class per file, one line in this table."""

ALGORITHMS = (
    "predict:PredictAlgorithm",
    "check_scene:CheckSceneAlgorithm",
    "vectorize:VectorizeAlgorithm",
    "change:ChangeAlgorithm",
    "evaluate:EvaluateAlgorithm",
    "sample:SampleAlgorithm",
    "train:TrainAlgorithm",
    "describe:DescribeAlgorithm",
    "set_up:SetUpAlgorithm",
    "check:CheckAlgorithm",
)
