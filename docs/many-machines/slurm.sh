#!/bin/bash
# One part of the run for each task of a Slurm array: sbatch slurm.sh, then the last line below.
#SBATCH --array=1-8
#SBATCH --cpus-per-task=4
#SBATCH --time=02:00:00
set -euo pipefail
npx velum experiment run ./mine.ts --shard "${SLURM_ARRAY_TASK_ID}/8" --jobs "${SLURM_CPUS_PER_TASK}" --out "parts/${SLURM_ARRAY_TASK_ID}"
# npx velum experiment merge parts/* --file ./mine.ts --out merged
