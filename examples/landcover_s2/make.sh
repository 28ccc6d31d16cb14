#!/usr/bin/env bash
# All of landcover-s2, -rgbn and -rgb, from the data to what ships: make.sh DATA, from the repository's folder.
set -euo pipefail
data=${1:?folder with s2 and teacher}
here=examples/landcover_s2
work=work/landcover_s2
python $here/prepare.py --data "$data" --work $work --varied 100 --plain 13 --air 160

geoseg train $here/config.toml --out $work/first
# goes on twice, with sheets through air as well; the mean of both, and of that 30 % with 70 % of the first
for seed in 1 2; do
  geoseg train $here/config.toml --from $work/first --out $work/further$seed --set data.samples=$work/mixed.csv \
    --crop 64 --batch 8 --steps 6000 --rate 4e-3 --precision bfloat16 --seed $seed
done
python $here/average.py $work/further1 $work/further2 $work/further --share 0.5
python $here/average.py $work/further $work/first $work/bundle --share 0.7
geoseg models measure $work/bundle $here/config.toml
for few in rgbn rgb; do
  geoseg train $here/$few.toml --from $work/bundle --out $work/$few --precision bfloat16
done

for model in bundle:config rgbn:rgbn rgb:rgb; do
  folder=$work/${model%:*} toml=$here/${model#*:}.toml
  # what it knows, from scenes as they are recorded
  geoseg models novelty $folder $toml --set data.samples=$work/samples.csv
  python examples/foreign.py $folder --data "$data" --write
  python examples/failures.py $folder $toml $work/samples.csv $folder/failures.jpg
done
