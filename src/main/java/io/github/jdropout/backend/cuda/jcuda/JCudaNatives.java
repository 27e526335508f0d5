package io.github.jdropout.backend.cuda.jcuda;

import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.nativeaccess.LibraryFolders;
import io.github.jdropout.backend.nativeaccess.PrivateFolder;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Loads JCuda's native libraries.
 *
 * <p>JCuda does so when a class is initialised: from the library path, where a file is the user's
 * wish, else it copies the library from its jar to a fixed name in the temporary folder, and loads
 * whatever is there. JVMs that start together crash of each other's half-written files, and anybody
 * may put a file there. So it is made to use a folder that nobody else knows.
 */
public final class JCudaNatives {
  private static final String TEMPORARY = "java.io.tmpdir";

  /**
   * Equal literals are one object in all of the JVM. So this also locks out copies of this class in
   * other class loaders, with which the property could end up as the name of a deleted folder.
   */
  private static final String LOCK = "io.github.jdropout: initialisation of JCuda";

  private JCudaNatives() {}

  /** Initialises the driver's part at most once. */
  private static final class Driver {
    /** Why it cannot be used; null if it can. */
    static final String OBSTACLE = obstacle(JCudaPart.DRIVER);
  }

  /**
   * Loads the driver's, once.
   *
   * @throws BindingException if JCuda or its native library is missing or cannot be loaded
   */
  static void load() throws BindingException {
    if (Driver.OBSTACLE != null) {
      throw new BindingException(Driver.OBSTACLE);
    }
  }

  /**
   * Loads a part's native library by initialising its class.
   *
   * <p>For one call in a JVM: a second attempt hides why the first has failed.
   *
   * @return why it cannot be used; null if it can
   */
  public static String obstacle(JCudaPart part) {
    try {
      initialise(part);
      return null;
    } catch (BindingException e) {
      return e.getMessage();
    } catch (ClassNotFoundException | LinkageError | RuntimeException e) {
      return JCudaFailures.reason(part, e);
    }
  }

  private static void initialise(JCudaPart part) throws BindingException, ClassNotFoundException {
    ClassLoader loader = JCudaNatives.class.getClassLoader();
    // Not initialised yet; without JCuda there is no need of a folder.
    Class.forName(part.className(), false, loader);
    try (PrivateFolder folder = folder()) {
      folder.file(JCudaFailures.libraryFile(part));
      synchronized (LOCK) {
        initialiseIn(folder.path(), part, loader);
      }
    }
  }

  /**
   * Initialises a part of JCuda with another temporary folder.
   *
   * <p>To change the property for that moment is safe. The JDK's own temporary files do not follow:
   * File and Files remember its value from the start of the JVM. Who reads it just then gets a
   * folder of this user and puts a file there; that file stays, and its folder.
   */
  private static void initialiseIn(Path folder, JCudaPart part, ClassLoader loader)
      throws ClassNotFoundException {
    String before = System.setProperty(TEMPORARY, folder.toString());
    try {
      Class.forName(part.className(), true, loader);
    } finally {
      // Whoever has set it meanwhile keeps what was set.
      if (folder.toString().equals(System.getProperty(TEMPORARY))) {
        if (before == null) {
          System.clearProperty(TEMPORARY);
        } else {
          System.setProperty(TEMPORARY, before);
        }
      }
    }
  }

  /** Returns a new folder from which libraries can be loaded. */
  private static PrivateFolder folder() throws BindingException {
    List<String> reasons = new ArrayList<>();
    for (String parent : LibraryFolders.candidates()) {
      try {
        PrivateFolder folder = PrivateFolder.create(Path.of(parent).toAbsolutePath());
        if (folder.allowsToRun()) {
          return folder;
        }
        folder.close();
        reasons.add(parent + " forbids to run what is in it");
      } catch (IOException | InvalidPathException e) {
        reasons.add("cannot write to " + parent + ": " + e);
      }
    }
    throw new BindingException(String.join("; ", reasons) + "; " + LibraryFolders.HINT);
  }
}
