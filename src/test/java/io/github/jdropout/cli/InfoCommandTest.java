package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.DropoutBackends;
import io.github.jdropout.gemm.cublas.CublasBinding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfoCommandTest {
  @TempDir private Path folder;

  @Test
  void jsonHasWhatTheTextHas() throws IOException {
    CliRun run = CliRun.of("info", "--json");
    assertEquals(0, run.exitCode(), run.err());
    JsonNode root = new ObjectMapper().readTree(run.out());
    assertEquals(Version.current(), root.get("version").textValue());
    assertEquals(DropoutBackends.report().size(), root.get("backends").size());
    int selected = 0;
    for (JsonNode backend : root.get("backends")) {
      assertFalse(backend.get("reason").textValue().isBlank());
      selected += backend.get("selected").booleanValue() ? 1 : 0;
    }
    assertEquals(1, selected);
    assertEquals(CublasBinding.values().length, root.get("cublas").size());
    for (JsonNode binding : root.get("cublas")) {
      assertFalse(binding.get("reason").textValue().isBlank());
      assertTrue(
          binding.get("available").booleanValue() || !binding.get("selected").booleanValue());
    }
    assertTrue(root.get("cpu").get("processors").intValue() >= 1);
    assertTrue(root.get("preferredVectorBits").intValue() >= 64);
    assertTrue(root.get("poolParallelism").isInt());
  }

  @Test
  void unknownForcedBackendIsBadInput() {
    System.setProperty(DropoutBackends.PROPERTY, "gpu");
    try {
      MainTest.assertBadInput("jdropout: -Djdropout.backend: backend must be one of", "info");
    } finally {
      System.clearProperty(DropoutBackends.PROPERTY);
    }
  }

  @Test
  void cpuFeaturesComeFromCpuinfo() throws IOException {
    Path intel = folder.resolve("intel");
    Files.writeString(
        intel, "processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu sse2 avx2 avx512f smep\n");
    assertEquals("Some CPU", CpuInfo.read(intel).model());
    assertEquals(List.of("sse2", "avx2", "avx512f"), CpuInfo.read(intel).features());
    Path arm = folder.resolve("arm");
    Files.writeString(arm, "processor\t: 0\nFeatures\t: fp asimd crc32 sve\n");
    assertEquals(List.of("asimd", "sve"), CpuInfo.read(arm).features());
  }

  @Test
  void withoutCpuinfoTheArchitectureRemains() {
    CpuInfo cpu = CpuInfo.read(folder.resolve("none"));
    assertEquals(System.getProperty("os.arch"), cpu.model());
    assertEquals(List.of(), cpu.features());
  }
}
