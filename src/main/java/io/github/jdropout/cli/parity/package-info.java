/** Parity as a command: variants in JVMs of their own, their table, and files for machines. */
package io.github.jdropout.cli.parity;
