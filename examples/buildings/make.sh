#!/usr/bin/env bash
# A model of single buildings, from the data to its figures: make.sh DATA, from the repository's folder.
set -euo pipefail
data=${1:?folder with banepa}
here=examples/buildings
work=work/buildings
python $here/prepare.py --data "$data" --work $work
geoseg train $here/config.toml --out $work/bundle --overwrite

# the column that was held out: single buildings by the depth, beside the components of the class alone
test=$work/banepa_386695
geoseg predict $test.tif --model $work/bundle --out $work/objects.gpkg --raster $work/classes.tif --overwrite
geoseg vectorize $work/classes.tif --classes 1 --out $work/components.gpkg --overwrite
for map in objects components; do
  geoseg evaluate $work/$map.gpkg ${test}_truth.gpkg --objects --scene $test.tif --report $work/$map.html --json $work/$map.json --overwrite
done
