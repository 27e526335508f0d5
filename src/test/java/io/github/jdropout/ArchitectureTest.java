package io.github.jdropout;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.ElementType;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;

/** Who may import whom: face → backends → SPI → spec → rng → JDK. */
@AnalyzeClasses(
    packages = "io.github.jdropout",
    importOptions = {
      ImportOption.DoNotIncludeTests.class,
      ArchitectureTest.DoNotIncludeWhatJmhGenerates.class
    })
class ArchitectureTest {
  /** Its packages and those of the benchmarks use each other. */
  static final class DoNotIncludeWhatJmhGenerates implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/jmh_generated/");
    }
  }

  private static final String ROOT = "io.github.jdropout";

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching(ROOT + ".(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule rngNeedsOnlyTheJdk =
      classes()
          .that()
          .resideInAPackage(ROOT + ".rng..")
          .should()
          .onlyDependOnClassesThat(resideInAnyPackage(ROOT + ".rng..", "java.."));

  @ArchTest
  static final ArchRule specNeedsOnlyRng =
      classes()
          .that()
          .resideInAPackage(ROOT + ".spec..")
          .should()
          .onlyDependOnClassesThat(resideInAnyPackage(ROOT + ".spec..", ROOT + ".rng..", "java.."));

  @ArchTest
  static final ArchRule spiNeedsOnlySpec =
      classes()
          .that()
          .resideInAPackage(ROOT + ".backend")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(ROOT + ".backend", ROOT + ".spec..", "java.."));

  @ArchTest
  static final ArchRule backendsDoNotKnowTheFace =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".backend..")
          .should()
          .dependOnClassesThat(resideInAnyPackage(ROOT, ROOT + ".cli..", ROOT + ".integration.."));

  @ArchTest
  static final ArchRule backendsDoNotKnowEachOther =
      slices()
          .matching(ROOT + ".backend.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(
              resideInAnyPackage(ROOT + ".backend..", ROOT),
              resideInAnyPackage(ROOT + ".backend.tiled..", ROOT + ".backend.nativeaccess.."));

  @ArchTest
  static final ArchRule nativeAccessNeedsOnlyTheJdk =
      classes()
          .that()
          .resideInAPackage(ROOT + ".backend.nativeaccess..")
          .should()
          .onlyDependOnClassesThat(resideInAnyPackage(ROOT + ".backend.nativeaccess..", "java.."));

  @ArchTest
  static final ArchRule processesNeedOnlyTheJdk =
      classes()
          .that()
          .resideInAPackage(ROOT + ".process..")
          .should()
          .onlyDependOnClassesThat(resideInAnyPackage(ROOT + ".process..", "java.."));

  @ArchTest
  static final ArchRule cudaDriverNeedsOnlyTheJdk =
      classes()
          .that()
          .resideInAPackage(ROOT + ".backend.cuda.driver..")
          .should()
          .onlyDependOnClassesThat(resideInAnyPackage(ROOT + ".backend.cuda.driver..", "java.."));

  @ArchTest
  static final ArchRule bindingsOfCudaDoNotKnowEachOther =
      slices()
          .matching(ROOT + ".backend.cuda.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(
              resideInAPackage(ROOT + ".backend.cuda.."),
              resideInAPackage(ROOT + ".backend.cuda.driver.."));

  @ArchTest
  static final ArchRule onlyItsBindingsUseJcuda =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + ".backend.cuda.jcuda..", ROOT + ".gemm.cublas.jcublas..")
          .should()
          .dependOnClassesThat(resideInAPackage("jcuda.."));

  @ArchTest
  static final ArchRule bindingsOfCublasDoNotKnowEachOther =
      slices()
          .matching(ROOT + ".gemm.cublas.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(
              resideInAPackage(ROOT + ".gemm.cublas.."),
              resideInAPackage(ROOT + ".gemm.cublas.library.."));

  @ArchTest
  static final ArchRule productsDoNotKnowHowTheyAreMade =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".gemm")
          .should()
          .dependOnClassesThat(resideInAPackage(ROOT + ".gemm.cublas.."));

  @ArchTest
  static final ArchRule backendsDoNotKnowGemm =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".backend..")
          .should()
          .dependOnClassesThat(resideInAPackage(ROOT + ".gemm.."));

  @ArchTest
  static final ArchRule faceDoesNotKnowItsUsers =
      noClasses()
          .that()
          .resideInAPackage(ROOT)
          .should()
          .dependOnClassesThat(resideInAnyPackage(ROOT + ".cli..", ROOT + ".integration.."));

  @ArchTest
  static final ArchRule onlyTheVectorBackendUsesTheVectorApi =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".backend.vector..")
          .should()
          .dependOnClassesThat(resideInAPackage("jdk.incubator.vector.."));

  @ArchTest
  static final ArchRule onlyProductsOnTheCpuUseNetlib =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".gemm.cpu..")
          .should()
          .dependOnClassesThat(resideInAPackage("dev.ludovic.netlib.."));

  @ArchTest
  static final ArchRule backendsDoNotKnowLayers =
      noClasses()
          .that()
          .resideInAnyPackage(ROOT, ROOT + ".backend..")
          .should()
          .dependOnClassesThat(resideInAPackage(ROOT + ".gemm.."));

  @ArchTest
  static final ArchRule onlyTheCommandLineUsesItsLibraries =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + ".cli..", ROOT + ".bench..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  "picocli..",
                  "com.fasterxml.jackson..",
                  "org.knowm..",
                  "com.samskivert..",
                  "de.erichseifert.."));

  @ArchTest
  static final ArchRule onlyDrawingNeedsTheDesktop =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".cli.report..")
          .and()
          .haveSimpleNameNotEndingWith("Chart")
          .and()
          .haveSimpleNameNotStartingWith("ChartStyle")
          .and()
          .haveSimpleNameNotEndingWith("Painter")
          .should()
          .dependOnClassesThat(resideInAnyPackage("java.awt..", "javax.imageio..", "org.knowm.."));

  @ArchTest
  static final ArchRule onlyTheBenchmarkUsesJmh =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".bench..")
          .should()
          .dependOnClassesThat(resideInAPackage("org.openjdk.jmh.."));

  @ArchTest
  static final ArchRule onlyTheCommandLineKnowsTheBenchmark =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + ".bench..", ROOT + ".cli..")
          .should()
          .dependOnClassesThat(resideInAPackage(ROOT + ".bench.."));

  @ArchTest
  static final ArchRule onlyItsIntegrationAndTheTrainingJobUseDl4j =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              ROOT + ".integration.dl4j..", ROOT + ".cli.train..", ROOT + ".bench..")
          .should()
          .dependOnClassesThat(resideInAnyPackage("org.deeplearning4j..", "org.nd4j.."));

  @ArchTest
  static final ArchRule theReferenceSharesNothingWithWhatItProves =
      classes()
          .that()
          .resideInAPackage(ROOT + ".parity.reference..")
          .should()
          .onlyDependOnClassesThat(
              resideInAPackage(ROOT + ".parity.reference..")
                  .or(belongToAnyOf(ElementType.class, Activation.class))
                  .or(resideInAPackage("java..")));

  @ArchTest
  static final ArchRule onlyTheCommandLineKnowsTheParitySuite =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + ".parity..", ROOT + ".cli..", ROOT + ".bench..")
          .should()
          .dependOnClassesThat(resideInAPackage(ROOT + ".parity.."));

  @ArchTest
  static final ArchRule downcallsStayInTheirRooms =
      noClasses()
          .that()
          .resideOutsideOfPackage("..ffm..")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(Linker.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(SymbolLookup.class);
}
