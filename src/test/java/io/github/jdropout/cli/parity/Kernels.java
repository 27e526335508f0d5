package io.github.jdropout.cli.parity;

import io.github.jdropout.Dropout;
import io.github.jdropout.parity.DropoutFunction;
import io.github.jdropout.parity.Implementation;
import io.github.jdropout.spec.BackendUnavailableException;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Implementations for {@code --implementation}, most of them bad in one way. */
public final class Kernels {
  /** System property: a file into which {@link Stuck} writes the number of its process. */
  public static final String PID_FILE = "jdropout.test.pidFile";

  /** The global index that {@link WrongOnce} gets wrong. */
  public static final int WRONG_INDEX = 5;

  private Kernels() {}

  private static float[] right(long seed, long stream, long first, double p, float[] input) {
    float[] output = new float[input.length];
    MaskKey key = new MaskKey(seed, stream);
    Dropout.of(p).forward(Elements.of(input), Elements.of(output), key, first);
    return output;
  }

  private static Implementation of(DropoutFunction.OfFloats function) {
    return Implementation.ofFloats("kernel", function);
  }

  /** As it should be. */
  public static final class Right implements Supplier<Implementation> {
    @Override
    public Implementation get() {
      return of(Kernels::right);
    }
  }

  /** Turns the sign bit of one element. */
  public static final class WrongOnce implements Supplier<Implementation> {
    @Override
    public Implementation get() {
      return of((seed, stream, first, p, input) -> {
        float[] output = right(seed, stream, first, p, input);
        if (first <= WRONG_INDEX && WRONG_INDEX - first < output.length) {
          int index = (int) (WRONG_INDEX - first);
          output[index] =
              Float.intBitsToFloat(Float.floatToRawIntBits(output[index]) ^ Integer.MIN_VALUE);
        }
        return output;
      });
    }
  }

  /** Keeps too often, by a threshold of eight bits. */
  public static final class EightBits implements Supplier<Implementation> {
    @Override
    public Implementation get() {
      return of((seed, stream, first, p, input) ->
          right(seed, stream, first, Math.floor(p * 256) / 256, input));
    }
  }

  /** Throws in each call. */
  public static final class Throwing implements Supplier<Implementation> {
    @Override
    public Implementation get() {
      return of((_, _, _, _, _) -> {
        throw new IllegalStateException("no more <threads> & no & memory");
      });
    }
  }

  /** Reads from address 0, of which the JVM dies. */
  public static final class Crashing implements Supplier<Implementation> {
    @Override
    @SuppressWarnings("restricted") // The crash is what is wanted.
    public Implementation get() {
      return of((_, _, _, _, input) -> {
        MemorySegment nowhere = MemorySegment.NULL.reinterpret(8);
        return new float[(int) nowhere.get(ValueLayout.JAVA_LONG, 0) + input.length];
      });
    }
  }

  /** Ends the JVM, with a word on each stream. */
  public static final class Leaving implements Supplier<Implementation> {
    @Override
    public Implementation get() {
      System.out.println("chatter {\"event\":");
      System.err.println("goodbye, cruel world");
      Runtime.getRuntime().halt(7);
      throw new IllegalStateException("still here");
    }
  }

  /** Cannot run here. */
  public static final class Absent implements Supplier<Implementation> {
    @Override
    public Implementation get() {
      throw new BackendUnavailableException("no abacus on this machine");
    }
  }

  /** Throws when it is created. */
  public static final class Unlicensed implements Supplier<Implementation> {
    /** Fails. */
    public Unlicensed() {
      throw new IllegalStateException("no licence");
    }

    @Override
    public Implementation get() {
      return of(Kernels::right);
    }
  }

  /** Cannot run here, and says so when it is created. */
  public static final class AbsentAtOnce implements Supplier<Implementation> {
    /** Fails. */
    public AbsentAtOnce() {
      throw new BackendUnavailableException("no abacus on this machine");
    }

    @Override
    public Implementation get() {
      return of(Kernels::right);
    }
  }

  /** Supplies nothing. */
  public static final class Empty implements Supplier<Implementation> {
    @Override
    public Implementation get() {
      return null;
    }
  }

  /** Never returns from its first call. */
  public static final class Stuck implements Supplier<Implementation> {
    @Override
    public Implementation get() {
      String file = System.getProperty(PID_FILE);
      return of((_, _, _, _, input) -> {
        try {
          if (file != null) {
            Files.writeString(Path.of(file), Long.toString(ProcessHandle.current().pid()));
          }
          Thread.sleep(Long.MAX_VALUE);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        return input;
      });
    }
  }
}
