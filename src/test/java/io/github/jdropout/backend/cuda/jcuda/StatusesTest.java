package io.github.jdropout.backend.cuda.jcuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jcuda.CudaException;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.Test;

/** Needs JCuda's classes only, not its native library. */
class StatusesTest {
  @Test
  void thrownStatusesAreReturned() {
    for (int status : new int[] {1, 2, 100, 201, 218, 700, 801, 999}) {
      assertEquals(status, Statuses.of(() -> status));
      assertEquals(
          status,
          Statuses.of(() -> {
            throw new CudaException(CUresult.stringFor(status));
          }));
    }
    assertEquals(999, Statuses.thrown(new CudaException("something else")));
  }
}
