#!/bin/bash
# The parts of a run on the machines of a list, by GNU parallel over ssh. Each machine has the same folder, with the package installed.
set -euo pipefail
parallel --sshloginfile machines.txt --workdir "$PWD" --return 'parts/{}' \
  npx velum experiment run ./mine.ts --shard '{}/8' --out 'parts/{}' ::: 1 2 3 4 5 6 7 8
npx velum experiment merge parts/* --file ./mine.ts --out merged
