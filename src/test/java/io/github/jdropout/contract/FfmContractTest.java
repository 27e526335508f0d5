package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.testing.Backends;
import org.junit.jupiter.api.BeforeAll;

/** The build runs this with every instruction set that the native library knows. */
class FfmContractTest extends DropoutContract {
  FfmContractTest() {
    super(BackendId.FFM);
  }

  @BeforeAll
  static void instructionSetIsTheOneAskedFor() {
    Backends.assumeAvailable(BackendId.FFM);
    String isa = System.getenv("JDROPOUT_MAX_ISA");
    if (isa == null) {
      return;
    }
    String description = DropoutBackends.get(BackendId.FFM).description();
    boolean isThere = description.matches(".*processor has [^;]*\\b" + isa + "\\b.*");
    assumeTrue(isThere, "this processor lacks " + isa + ": " + description);
    assertTrue(description.contains("; uses " + isa + " "), description);
  }
}
