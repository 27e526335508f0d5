package io.github.jdropout;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;

/** Who may import whom: face → backends → SPI → spec → rng → JDK. */
@AnalyzeClasses(
    packages = "io.github.jdropout",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
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
          .resideOutsideOfPackage(ROOT + ".cli..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("picocli..", "com.fasterxml.jackson..", "org.knowm.."));

  @ArchTest
  static final ArchRule onlyItsIntegrationAndTheTrainingJobUseDl4j =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + ".integration.dl4j..", ROOT + ".cli.train..")
          .should()
          .dependOnClassesThat(resideInAnyPackage("org.deeplearning4j..", "org.nd4j.."));

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
