/** Commands: of JVMs that are started like this one, and for a user to paste. Internal. */
package io.github.jdropout.process;
