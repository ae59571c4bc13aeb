# DIR/bin/sweepgate, headers, static libraries, a pkg-config file, the trial clients, man pages.
install(TARGETS sweepgate sweepgate_core sweepgate_hpo sweepgate_validate sweepgate_trial)
