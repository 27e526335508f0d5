package io.github.jdropout.backend.nativeaccess;

import java.util.ArrayList;
import java.util.List;

/** Where bundled native libraries may be put, to be loaded from there. */
public final class LibraryFolders {
  /** System property: the folder to put libraries into, instead of the usual ones. */
  public static final String PROPERTY = "jdropout.native.dir";

  /** Says how to name another folder; for the end of a reason. */
  public static final String HINT = "-D" + PROPERTY + "=FOLDER names another folder";

  /** Read once, as the JDK does: whoever sets it later means something else. */
  private static final String TEMPORARY = System.getProperty("java.io.tmpdir");

  private LibraryFolders() {}

  /** Returns the property's folder, else the temporary folder, then the user's cache. */
  public static List<String> candidates() {
    String folder = System.getProperty(PROPERTY);
    if (folder != null) {
      return List.of(folder);
    }
    List<String> folders = new ArrayList<>();
    folders.add(TEMPORARY);
    String cache = System.getenv("XDG_CACHE_HOME");
    String home = System.getProperty("user.home");
    if (cache != null && cache.startsWith("/")) {
      folders.add(cache + "/jdropout");
    } else if (!home.equals("?")) { // The JVM's word for a user without one.
      folders.add(home + "/.cache/jdropout");
    }
    return folders;
  }
}
