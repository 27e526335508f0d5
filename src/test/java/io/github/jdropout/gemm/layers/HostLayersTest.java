package io.github.jdropout.gemm.layers;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.gemm.MatrixMemory;
import io.github.jdropout.testing.Backends;
import org.junit.jupiter.api.Nested;

/** Layers on the CPU, with each backend for the epilogues. */
class HostLayersTest {
  @Nested
  class Scalar extends OnHost {
    Scalar() {
      super(BackendId.SCALAR);
    }
  }

  @Nested
  class Vector extends OnHost {
    Vector() {
      super(BackendId.VECTOR);
    }
  }

  @Nested
  class Ffm extends OnHost {
    Ffm() {
      super(BackendId.FFM);
    }
  }

  abstract static class OnHost extends LayersContract {
    private final BackendId id;

    OnHost(BackendId id) {
      this.id = id;
    }

    @Override
    Engine open() {
      Backends.assumeAvailable(id);
      return Engine.host(id);
    }

    @Override
    MatrixMemory memory() {
      return new MatrixMemory.OfHost();
    }
  }
}
