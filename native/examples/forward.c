#include <jdropout.h>
#include <stdio.h>

/* Drops about half of eight elements, and shows that the backward pass drops the same ones. */
int main(void) {
  const double p = 0.5;
  const uint64_t seed = 42;
  const uint64_t stream = 7; /* one for each application of dropout */
  const float input[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  const float grad_output[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  float output[8];
  float grad_input[8];
  if (jdropout_forward_f32(p, 0, seed, stream, 0, input, output, 8) != JDROPOUT_OK ||
      jdropout_forward_f32(p, 0, seed, stream, 0, grad_output, grad_input, 8) != JDROPOUT_OK) {
    (void)fprintf(stderr, "%s\n", jdropout_last_error());
    return 1;
  }
  for (int element = 0; element < 8; element++) {
    (void)printf("%g -> %g, gradient %g\n", (double)input[element], (double)output[element],
                 (double)grad_input[element]);
  }
  return 0;
}
