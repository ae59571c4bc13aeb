#!/bin/sh
# weather.csv as numbers for XGBoost, the label first: every third day is kept for validation.
set -eu
cd "$(dirname "$0")"
awk -F, -v OFS=, '
  BEGIN { split("drizzle fog rain snow sun", names, " "); for (i in names) label[names[i]] = i - 1 }
  NR > 1 {
    split($2, date, "-")
    row = label[$7] OFS ($1 == "Seattle") OFS date[2] OFS $3 OFS $4 OFS $5 OFS $6
    print row > (NR % 3 ? "weather.train.csv" : "weather.valid.csv")
  }' weather.csv
