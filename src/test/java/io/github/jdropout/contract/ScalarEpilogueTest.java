package io.github.jdropout.contract;

import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.scalar.ScalarKernels;

class ScalarEpilogueTest extends EpilogueContractTest {
  @Override
  EpilogueBackend subject() {
    return ScalarKernels.epilogues();
  }
}
