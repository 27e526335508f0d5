/* Every threshold, every scale, and every tie between two thresholds, against the oracle. */
#include "jdropout/keep.h"

#include <math.h>
#include <stdio.h>

#include "harness.h"

static void check_threshold(double p) {
  const uint32_t threshold = jdropout_threshold(p);
  CHECK(threshold == oracle_threshold(p), "T(%.17g) is %u and not %u", p, threshold,
        oracle_threshold(p));
}

int main(void) {
  for (uint32_t half = 0; half <= 2 * 65536; half++) {
    const double p = half / 131072.0;
    check_threshold(p);
    check_threshold(fmax(nextafter(p, 0), 0));
    check_threshold(fmin(nextafter(p, 2), 1));
  }
  for (uint32_t threshold = 0; threshold <= 65536; threshold++) {
    CHECK(jdropout_training_scale_f32(threshold) == oracle_training_scale_f32(threshold),
          "binary32 scale of %u is %a", threshold, (double)jdropout_training_scale_f32(threshold));
    CHECK(jdropout_training_scale_f64(threshold) == oracle_training_scale_f64(threshold),
          "binary64 scale of %u is %a", threshold, jdropout_training_scale_f64(threshold));
  }
  printf("thresholds and scales hold\n");
  return 0;
}
