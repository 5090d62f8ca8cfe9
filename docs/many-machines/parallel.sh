#!/bin/bash
# The parts of a run on the machines of a list, by GNU parallel over ssh and rsync. Each machine has the same folder, with the package installed.
# One part at a time on each machine: a part takes all of its cores.
set -euo pipefail
parallel --jobs 1 --sshloginfile machines.txt --workdir "$PWD" --return 'parts/{}' \
  npx velum experiment run ./mine.ts --shard '{}/8' --out 'parts/{}' ::: 1 2 3 4 5 6 7 8
npx velum experiment merge parts/* --file ./mine.ts --out merged
