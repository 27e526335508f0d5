/** JVMs that are started like this one. Not for use from outside. */
package io.github.jdropout.process;
