package io.github.jdropout.backend.ffm;

import io.github.jdropout.backend.Availability;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.nativeaccess.NativeAccess;
import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.rng.Philox4x32;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds out whether the native library can be used; never throws. */
public final class FfmSupport {
  private FfmSupport() {}

  /** The library, loaded at most once; its fields are constants for the JVM's compiler. */
  private static final class Library {
    static final LibraryFunctions FUNCTIONS;
    static final LibraryInfo INFO;
    static final String ORIGIN;

    /** Why there is none; null if there is. */
    static final String OBSTACLE;

    static {
      LibraryFunctions functions = null;
      LibraryInfo info = null;
      String origin = null;
      String obstacle = null;
      try {
        LibraryLoader.Loaded loaded = LibraryLoader.load();
        Linkage linkage = Linkage.of(loaded.symbols());
        info = LibraryInfo.ask(linkage);
        functions = LibraryFunctions.link(linkage);
        checkMask(functions);
        origin = loaded.origin();
      } catch (LibraryException | IllegalStateException e) {
        obstacle = e.getMessage();
      } catch (IllegalCallerException e) {
        obstacle = NativeAccess.denial(FfmSupport.class);
      } catch (LinkageError | RuntimeException e) {
        obstacle = "the native library cannot be bound: " + e;
      }
      FUNCTIONS = obstacle == null ? functions : null;
      INFO = info;
      ORIGIN = origin;
      OBSTACLE = obstacle;
    }
  }

  private static final class LoadedBackend extends FfmBackend {
    LoadedBackend() {
      super(Library.INFO);
    }

    @Override
    LibraryFunctions functions() {
      return Library.FUNCTIONS;
    }
  }

  private static final class LoadedEpilogues extends FfmEpilogues {
    LoadedEpilogues() {
      super(Library.INFO);
    }

    @Override
    LibraryFunctions functions() {
      return Library.FUNCTIONS;
    }
  }

  /** Returns whether the backend can run, what it runs with, and how fast that is. */
  public static Availability probe() {
    if (Library.OBSTACLE != null) {
      return Availability.unavailable(Library.OBSTACLE);
    }
    return Availability.available(
        Library.ORIGIN + "; " + Library.INFO.features(), speed(Library.INFO.isa()));
  }

  /** Returns the backend; {@link #probe()} has said that it can run. */
  public static DropoutBackend backend() {
    return new LoadedBackend();
  }

  /** Returns the epilogues of layers; {@link #probe()} has said that they can run. */
  public static EpilogueBackend epilogues() {
    return new LoadedEpilogues();
  }

  private static double speed(String isa) {
    return switch (isa) {
      case "portable" -> 0.22;
      case "avx2" -> 2;
      default -> 4;
    };
  }

  /** Compares 64 decisions with Java's: a library of another contract must not serve. */
  private static void checkMask(LibraryFunctions functions) throws LibraryException {
    long seed = 0x299F31D0A4093822L;
    long stream = 0x0370734413198A2EL;
    double p = 0.5;
    MemorySegment bits = MemorySegment.ofArray(new long[1]);
    functions.check(functions.mask(p, seed, stream, 0, bits, 64));
    long expected = 0;
    int[] words = new int[4];
    for (int element = 0; element < 64; element++) {
      Philox4x32.quad(seed, stream, element >>> 3, words);
      int lane = words[(element & 7) >>> 1] >>> (16 * (element & 1)) & 0xFFFF;
      if (lane < KeepThreshold.of(p)) {
        expected |= 1L << element;
      }
    }
    long actual = bits.get(ValueLayout.JAVA_LONG, 0);
    if (actual != expected) {
      throw new LibraryException(
          "the native library draws another mask: its first 64 bits must be "
              + Long.toHexString(expected)
              + " but are "
              + Long.toHexString(actual));
    }
  }
}
