/** Files that the commands write. */
package io.github.jdropout.cli.file;
