package io.github.jdropout.integration.dl4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Deeplearning4j is optional at run time: the library must load without it. */
@AnalyzeClasses(
    packages = "io.github.jdropout",
    importOptions = ImportOption.DoNotIncludeTests.class)
class Dl4jBoundaryTest {
  @ArchTest
  static final ArchRule onlyTheIntegrationAndTheCommandsReferToDeeplearning4j =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.github.jdropout.integration.dl4j..", "io.github.jdropout.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.deeplearning4j..", "org.nd4j..", "io.github.jdropout.integration.dl4j..");
}
