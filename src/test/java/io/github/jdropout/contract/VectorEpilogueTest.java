package io.github.jdropout.contract;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.vector.VectorKernels;
import io.github.jdropout.testing.Backends;

/** The build runs this at every width, like {@link VectorContractTest}. */
class VectorEpilogueTest extends EpilogueContractTest {
  @Override
  EpilogueBackend subject() {
    Backends.assumeAvailable(BackendId.VECTOR);
    return VectorKernels.epilogues();
  }
}
