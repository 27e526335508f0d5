/** What the command {@code bench} shows and writes of a result. */
package io.github.jdropout.cli.bench;
