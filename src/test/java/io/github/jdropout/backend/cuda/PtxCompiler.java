package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.testing.PtxFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/** NVIDIA's compiler of PTX as a library, which needs neither a driver nor the toolkit. */
final class PtxCompiler {
  private static boolean isLoaded;

  private PtxCompiler() {}

  /**
   * Loads the library. JCuda copies it from its jar to a file of a fixed name in java.io.tmpdir,
   * and loads whatever already has that name there; so it gets a folder of its own.
   */
  static synchronized void load() throws IOException, ClassNotFoundException {
    if (isLoaded) {
      return;
    }
    String property = "java.io.tmpdir";
    String usual = System.getProperty(property);
    Path folder = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "ptx-compiler");
    System.setProperty(property, folder.toString());
    try {
      Class.forName(JNvPTXCompiler.class.getName());
    } finally {
      System.setProperty(property, usual);
    }
    isLoaded = true;
    deleteIfPossible(folder);
  }

  private static void deleteIfPossible(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (AccessDeniedException e) {
      // Windows keeps libraries that are loaded; mvn clean removes it.
    }
  }

  /**
   * Assembles the file for sm_{@code architecture}, or fails with the compiler's log.
   *
   * @return what the compiler says of registers and memory
   */
  static String assemble(PtxFile ptx, int architecture) {
    // The compiler reads to the NUL.
    byte[] text = (ptx.text() + "\0").getBytes(StandardCharsets.US_ASCII);
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    check("create", JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length - 1, text));
    try {
      String[] options = {"--gpu-name=sm_" + architecture, "--verbose"};
      int result = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
      if (result != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
        throw new AssertionError(nvPTXCompileResult.stringFor(result) + ": " + errorLog(compiler));
      }
      long[] size = new long[1];
      check("code", JNvPTXCompiler.nvPTXCompilerGetCompiledProgramSize(compiler, size));
      assertTrue(size[0] > 0, "no code");
      check("size of the log", JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(compiler, size));
      byte[] log = logOf(size[0]);
      check("log", JNvPTXCompiler.nvPTXCompilerGetInfoLog(compiler, log));
      return new String(log, StandardCharsets.UTF_8);
    } finally {
      check("destroy", JNvPTXCompiler.nvPTXCompilerDestroy(compiler));
    }
  }

  private static String errorLog(nvPTXCompilerHandle compiler) {
    long[] size = new long[1];
    check("size of the errors", JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size));
    byte[] log = logOf(size[0]);
    check("errors", JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log));
    return new String(log, StandardCharsets.UTF_8).strip();
  }

  /** The size leaves out the NUL that the compiler writes. */
  private static byte[] logOf(long size) {
    return new byte[Math.toIntExact(size) + 1];
  }

  private static void check(String call, int result) {
    assertEquals("NVPTXCOMPILE_SUCCESS", nvPTXCompileResult.stringFor(result), call);
  }
}
