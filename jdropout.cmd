@echo off
rem Runs the JDropout command line from a checkout: finds a JDK, builds when needed, starts it.
rem JDROPOUT_JAVA_OPTS holds extra options for the JVM, JDROPOUT_CLASSPATH more of the class path.
setlocal EnableExtensions DisableDelayedExpansion
set "NEED=25"
set "ROOT=%~dp0"
set "STAMP=%ROOT%target\classpath.txt"

set "JDK="
if defined JAVA_HOME call :try "%JAVA_HOME%"
if not defined JDK for /f "delims=" %%j in ('where java 2^>nul') do call :try "%%~dpj.."
for %%p in ("%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Java" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%USERPROFILE%\.jdks") do (
  if not defined JDK if exist "%%~p" for /d %%d in ("%%~p\*") do call :try "%%~d"
)
if not defined JDK (
  echo jdropout: needs a JDK %NEED%: install Temurin %NEED% ^(https://adoptium.net^) or set JAVA_HOME to one. 1>&2
  exit /b 1
)

if not exist "%STAMP%" goto build
rem Exit status 1: a source is newer than the last build.
powershell -NoProfile -Command "$t=(Get-Item -LiteralPath $env:STAMP).LastWriteTimeUtc; if (Get-ChildItem -Recurse -LiteralPath ($env:ROOT+'src\main'),($env:ROOT+'bench\src'),($env:ROOT+'pom.xml') | Where-Object { $_.LastWriteTimeUtc -gt $t }) { exit 1 }"
if errorlevel 1 goto build
goto run

:build
where mvn >nul 2>nul
if errorlevel 1 (
  echo jdropout: Maven is missing: install it ^(https://maven.apache.org/install.html^). 1>&2
  exit /b 1
)
echo Building JDropout (first use) ... 1>&2
pushd "%ROOT%"
set "OLD_JAVA_HOME=%JAVA_HOME%"
set "JAVA_HOME=%JDK%"
call mvn -B -q -ntp -Dmaven.test.skip=true package 1>&2
set "BUILT=%ERRORLEVEL%"
set "JAVA_HOME=%OLD_JAVA_HOME%"
popd
if not "%BUILT%"=="0" (
  echo jdropout: the build failed; see above. 1>&2
  exit /b 1
)

:run
rem In CLASSPATH rather than on the command line, which Windows keeps short.
for /f "usebackq delims=" %%c in ("%STAMP%") do set "CLASSPATH=%ROOT%target\classes;%%c"
if defined JDROPOUT_CLASSPATH set "CLASSPATH=%CLASSPATH%;%JDROPOUT_CLASSPATH%"
"%JDK%\bin\java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow %JDROPOUT_JAVA_OPTS% io.github.jdropout.cli.Main %*
exit /b %ERRORLEVEL%

:try
if defined JDK exit /b 0
if not exist "%~1\release" exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
findstr /b /r /c:"JAVA_VERSION=.%NEED%[.\"]" "%~1\release" >nul 2>nul && set "JDK=%~f1"
exit /b 0
