/**
 * Reports of {@code jdropout parity} and {@code jdropout bench}: pages of HTML, and charts for
 * READMEs.
 *
 * <p>Only {@code Painter}, {@code ChartStyle} and classes whose names end in {@code Chart} need
 * {@code java.desktop}; where it or a font is missing, pages have tables alone and say why.
 */
package io.github.jdropout.cli.report;
