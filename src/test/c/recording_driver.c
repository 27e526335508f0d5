/* A CUDA driver that prints the launches it is asked for. */
#include <stdio.h>

int cuDriverGetVersion(int *version) {
  *version = 12060;
  return 0;
}

int cuLaunchKernel(void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                   unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                   void *stream, void **parameters, void **extra) {
  printf("%p %u %u %u %u %u %u %u %p %d", function, grid_x, grid_y, grid_z, block_x, block_y,
         block_z, shared_bytes, stream, extra == NULL);
  for (int i = 0; i < 32; i++) {
    printf(" %d", ((unsigned char *)parameters[0])[i]);
  }
  printf("\n");
  fflush(stdout);
  return 7;
}
