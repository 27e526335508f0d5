/** What commands show on a terminal while they work. */
package io.github.jdropout.cli.terminal;
