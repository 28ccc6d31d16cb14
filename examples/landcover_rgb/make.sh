#!/usr/bin/env bash
# All of landcover-rgb and landcover-rgbn, from the data to what ships: make.sh DATA, from the repository's folder.
set -euo pipefail
data=${1:?folder with mbrsc, naip_california, banepa and teacher_naip}
here=examples/landcover_rgb
work=work/landcover_rgb
python $here/prepare.py --data "$data" --work $work

# the twins hold places out and give the scores; the other two learn from everything
geoseg train $here/first.toml --out $work/first
geoseg train $here/config.toml --from $work/first --out $work/twin
geoseg train $here/config.toml --from $work/twin --twin $work/twin --out $work/bundle
python $here/rgbn.py $work/twin --work $work
geoseg train $here/rgbn.toml --from $work/twin --out $work/rgbn_twin
geoseg train $here/rgbn.toml --from $work/bundle --twin $work/rgbn_twin --out $work/rgbn_bundle

for twin in twin rgbn_twin; do
  toml=$here/$([ $twin = twin ] && echo config || echo rgbn).toml
  python $here/adjust.py $work/$twin --data "$data" --work $work
  geoseg models measure $work/$twin $toml
  python examples/foreign.py $work/$twin --data "$data" --write
  python $here/adjust.py $work/${twin%twin}bundle --like $work/$twin
  # limits by the places that the twin held out; windows by class as often as in landcover-rgb's training
  geoseg models novelty $work/${twin%twin}bundle $toml --set training.balance=0.4
  python examples/foreign.py $work/${twin%twin}bundle --data "$data" --write
  python $here/measure.py $work/$twin --work $work --data "$data"
done
