package io.github.jdropout.contract;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.testing.Backends;

/** Epilogues on a GPU: the build runs this with the kernels on the host. */
class CudaEpilogueContractTest extends EpilogueContractTest {
  @Override
  EpilogueBackend subject() {
    Backends.assumeAvailable(BackendId.CUDA);
    return new DeviceEpilogues(CudaSupport.devices().getFirst());
  }
}
