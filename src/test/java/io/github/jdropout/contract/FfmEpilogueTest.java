package io.github.jdropout.contract;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.ffm.FfmSupport;
import io.github.jdropout.testing.Backends;
import org.junit.jupiter.api.BeforeAll;

/** The build runs this with every instruction set that the native library knows. */
class FfmEpilogueTest extends EpilogueContractTest {
  @BeforeAll
  static void instructionSetIsTheOneAskedFor() {
    FfmContractTest.instructionSetIsTheOneAskedFor();
  }

  @Override
  EpilogueBackend subject() {
    Backends.assumeAvailable(BackendId.FFM);
    return FfmSupport.epilogues();
  }
}
