package io.github.jdropout.cli.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A digit and what Monte-Carlo dropout says about it.
 *
 * <p>Source: Gal, Ghahramani, "Dropout as a Bayesian approximation", ICML 2016.
 *
 * @param pixels values in [0, 1], row after row
 * @param label the true digit
 * @param mean probability of each class, mean over the passes
 * @param sd standard deviation of each class's probability over the passes
 */
public record UncertainDigit(List<Float> pixels, int label, List<Double> mean, List<Double> sd) {
  /** Returns the class with the highest mean. */
  public int predicted() {
    return IntStream.range(0, mean.size())
        .boxed()
        .max(Comparator.comparing(mean::get))
        .orElseThrow();
  }

  /** Returns the entropy of the mean distribution, in nats; 0 is certain, ln 10 knows nothing. */
  public double entropy() {
    return mean.stream().mapToDouble(p -> p > 0 ? -p * Math.log(p) : 0).sum();
  }

  /**
   * Returns the digits with the highest entropy, the highest first.
   *
   * @param network with dropout that draws a new mask at each pass
   * @param samples passes, at least 2
   * @param count how many digits
   */
  static List<UncertainDigit> find(
      MultiLayerNetwork network, Digits digits, int samples, int count) {
    double[] sum = new double[digits.count() * Digits.CLASSES];
    double[] squares = new double[sum.length];
    for (int sample = 0; sample < samples; sample++) {
      float[] probabilities = Trainer.probabilities(network, digits, true);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += probabilities[i];
        squares[i] += (double) probabilities[i] * probabilities[i];
      }
    }
    float[] pixels = digits.pixels();
    return IntStream.range(0, digits.count())
        .mapToObj(row -> {
          List<Float> own = new ArrayList<>();
          for (int i = 0; i < Digits.PIXELS; i++) {
            own.add(pixels[row * Digits.PIXELS + i]);
          }
          List<Double> mean = new ArrayList<>();
          List<Double> sd = new ArrayList<>();
          for (int i = row * Digits.CLASSES; i < (row + 1) * Digits.CLASSES; i++) {
            double m = sum[i] / samples;
            mean.add(m);
            sd.add(Math.sqrt(Math.max(0, (squares[i] - samples * m * m) / (samples - 1))));
          }
          return new UncertainDigit(own, digits.label(row), mean, sd);
        })
        .sorted(Comparator.comparingDouble(UncertainDigit::entropy).reversed())
        .limit(count)
        .toList();
  }
}
