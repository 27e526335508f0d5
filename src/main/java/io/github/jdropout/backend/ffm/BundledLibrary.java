package io.github.jdropout.backend.ffm;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The native library that the build put beside the classes.
 *
 * @param fileName its name
 * @param bytes its content, which has been compared with {@code sha256}
 * @param sha256 the hash that the build recorded, in lower-case hexadecimal
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; a list of boxed bytes serves nobody.
record BundledLibrary(String fileName, byte[] bytes, String sha256) {
  /** The folder of a platform's library, seen from the root of the class path. */
  private static final String FOLDER = "/io/github/jdropout/native/";

  /**
   * Reads this platform's library.
   *
   * @throws LibraryException if there is none, or it is not the one that was built
   */
  static BundledLibrary read() throws LibraryException {
    String path = FOLDER + Platform.name() + "/" + Platform.libraryFile();
    try (InputStream library = BundledLibrary.class.getResourceAsStream(path);
        InputStream hash = BundledLibrary.class.getResourceAsStream(path + ".sha256")) {
      if (library == null || hash == null) {
        throw new LibraryException(
            "this build has no native library for "
                + Platform.name()
                + "; build with CMake and a C compiler to get one");
      }
      return of(
          Platform.libraryFile(),
          library.readAllBytes(),
          new String(hash.readAllBytes(), StandardCharsets.US_ASCII).strip());
    } catch (IOException e) {
      throw new LibraryException("cannot read " + path, e);
    }
  }

  /** Returns a library whose content has the hash. */
  static BundledLibrary of(String fileName, byte[] bytes, String sha256) throws LibraryException {
    String actual = hash(bytes);
    if (!actual.equals(sha256)) {
      throw new LibraryException(
          fileName
              + " is damaged or foreign: its SHA-256 must be "
              + sha256
              + " but is "
              + actual
              + " ("
              + bytes.length
              + " bytes)");
    }
    return new BundledLibrary(fileName, bytes, sha256);
  }

  static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
