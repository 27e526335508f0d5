package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import org.junit.jupiter.api.BeforeEach;

/** The build runs this for every instruction set that the native library knows. */
class FfmContractTest extends DropoutContract {
  FfmContractTest() {
    super(BackendId.FFM);
  }

  @BeforeEach
  void instructionSetIsTheOneAskedFor() {
    String isa = System.getenv("JDROPOUT_MAX_ISA");
    String description = DropoutBackends.get(BackendId.FFM).description();
    if (isa == null) {
      return;
    }
    String has = description.substring(0, description.indexOf("; uses"));
    assumeTrue(has.contains(isa), "this processor lacks " + isa + ": " + description);
    assertTrue(description.contains("; uses " + isa + " "), description);
  }
}
