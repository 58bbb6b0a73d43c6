# gazetted: one flat Makefile; `make help` lists the targets.
VERSION    = 0.1.0
PREFIX     = /usr
SYSCONFDIR = /etc
LIBDIR     = $(PREFIX)/lib
UNITDIR    = $(PREFIX)/lib/systemd/system
CC         = cc
CFLAGS     = -O2 -g

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
# `make` alone builds on all cores; a recursive call has its parent's job server.
ifeq ($(filter -j%,$(MAKEFLAGS))$(filter 1 2 3,$(MAKELEVEL)),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

# The packages of Debian 12: what building needs, what tests and lint need, and the peers of `make bench`.
DEB_BUILD = build-essential pkg-config libuv1-dev libcurl4-openssl-dev libxml2-dev libyaml-dev libsqlite3-dev libjansson-dev \
	libzstd-dev libdeflate-dev libbrotli-dev zlib1g-dev libseccomp-dev libuchardet-dev libxxhash-dev libssl-dev libmicrohttpd-dev ca-certificates
DEB_TEST  = libcmocka-dev clang clang-format clang-tidy cppcheck libclang-rt-14-dev mandoc systemd python3 python3-jsonschema python3-yaml procps zstd curl openssl
DEB_BROWSER = chromium chromium-driver python3-selenium fonts-dejavu-core fonts-droid-fallback
DEB_BENCH = wrk nginx-light iproute2 curl newsboat python3-feedparser libxml2-utils sfeed libmrss0 rsyslog libyajl2
DEB_AFL   = afl++
DEB_DEB   = dpkg-dev debhelper lintian debootstrap

WARN     = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
HARDEN   = -fstack-protector-strong -fstack-clash-protection -fPIE
FORTIFY  = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
BASE     = -std=c17 -D_GNU_SOURCE -I. $(WARN) $(HARDEN) -fno-strict-aliasing -ffunction-sections -fdata-sections
DEFINES  = -DGAZETTED_VERSION='"$(VERSION)"' -DGAZETTED_SYSCONFDIR='"$(SYSCONFDIR)/gazetted"' \
	-DGAZETTED_TOPICS_DIR='"$(PREFIX)/share/gazetted/topics"'
PKGS     = libuv libcurl libmicrohttpd libxml-2.0 yaml-0.1 sqlite3 jansson libzstd libdeflate libbrotlidec zlib libseccomp uchardet libxxhash libcrypto
CTL_PKGS = $(filter-out libuv libcurl libmicrohttpd libdeflate libbrotlidec zlib libseccomp,$(PKGS))
# Asked once; empty before `make deps` has run, which re-reads the Makefile.
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
CTL_LIBS   := $(shell pkg-config --libs $(CTL_PKGS) 2>/dev/null)
LINK     = -pie -Wl,-z,relro,-z,now -Wl,--gc-sections -Wl,--as-needed
TEST_LIBS = $(PKG_LIBS) -lbrotlienc -lssl -lcmocka -lpthread -lm

# The house: folders are floors (highest first, the order of linking); each folder is one archive.
FLOORS = daemon/ctl daemon/run daemon/page daemon/pipe daemon/conf daemon/net daemon/store daemon/feed daemon/base classifiers
DAEMON_FLOORS = $(filter-out daemon/ctl,$(FLOORS))
CTL_FLOORS    = $(filter-out daemon/run daemon/net,$(FLOORS))
MAINS = daemon/run/main.c daemon/ctl/main.c

# The longest first: run-tests begins with them.
TEST_SOURCES = $(wildcard tests/scenarios/test_*.c tests/fault/test_*.c tests/unit/test_*.c)
BENCH_SOURCES = $(wildcard tests/bench/bench_*.c)
FUZZ_SOURCES = $(wildcard tests/fuzz/fuzz_*.c)
SCRIPTS      = $(wildcard tests/e2e/test_*.sh tests/conformance/test_*.sh tests/fault/check_*.sh)

# The sweep over the store's allocations stands between the code and malloc.
WRAP_MALLOC = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
test_store_sweep_LDFLAGS = $(WRAP_MALLOC)

# One set of rules for each way of building. $(1): name, $(2): compiler, $(3): its flags.
define objects
build/$(1)/%.o: %.c Makefile
	@mkdir -p $$(@D)
	@echo "  CC   $$@"
	@$(2) $$(BASE) $$(DEFINES) $$(CFLAGS) $(3) $$(PKG_CFLAGS) -MMD -MP -c -o $$@ $$<
endef

# The programs of a way of building. $(1): name, $(2): flags of compiler and linker.
define variant
$(call objects,$(1),$$(CC),$(2))
build/$(1)/gazetted: build/$(1)/daemon/run/main.o $$(DAEMON_FLOORS:%=build/$(1)/%.a)
	@echo "  LD   $$@"
	@$$(CC) $$(CFLAGS) $(2) $$(LINK) -o $$@ $$^ $$(PKG_LIBS) -lm
build/$(1)/gazettectl: build/$(1)/daemon/ctl/main.o $$(CTL_FLOORS:%=build/$(1)/%.a)
	@echo "  LD   $$@"
	@$$(CC) $$(CFLAGS) $(2) $$(LINK) -o $$@ $$^ $$(CTL_LIBS) -lm
build/$(1)/tests/%: build/$(1)/tests/%.o build/$(1)/tests/fake.a $$(FLOORS:%=build/$(1)/%.a)
	@echo "  LD   $$@"
	@$$(CC) $$(CFLAGS) $(2) $$(LINK) $$($$(notdir $$*)_LDFLAGS) -o $$@ $$^ $$(TEST_LIBS)
programs-$(1): build/$(1)/gazetted build/$(1)/gazettectl build/$(1)/tests/demo/publisher
tests-$(1): programs-$(1) $$(TEST_SOURCES:%.c=build/$(1)/%)
.PHONY: programs-$(1) tests-$(1)
endef

# One archive of one folder in one variant. $(1): folder, $(2): variant.
define archive
build/$(2)/$(1).a: $(patsubst %.c,build/$(2)/%.o,$(filter-out $(MAINS),$(wildcard $(1)/*.c)))
	@mkdir -p $$(@D)
	@rm -f $$@ && ar rcsD $$@ $$^
endef

comma := ,
benches: $(BENCH_SOURCES:%.c=build/plain/%)
$(eval $(call variant,plain,$(FORTIFY)))
$(eval $(call variant,asan,-O1 -fno-omit-frame-pointer -fsanitize=address$(comma)undefined -fno-sanitize-recover=all))
$(eval $(call variant,tsan,-O1 -fsanitize=thread))
$(foreach v,plain asan tsan,$(foreach f,$(FLOORS) tests/fake,$(eval $(call archive,$(f),$(v)))))

# What is fuzzed, by libFuzzer and by AFL++: each floor once, then a target is one object more.
FUZZ_FLAGS = -O1 -w -fsanitize=fuzzer$(comma)address$(comma)undefined -fno-sanitize-recover=all
FUZZ_FLOORS = daemon/page daemon/pipe daemon/conf daemon/store daemon/feed daemon/base classifiers
define fuzzed
$(call objects,$(1),$(2),$(FUZZ_FLAGS))
build/$(1)/fuzz_%: build/$(1)/tests/fuzz/fuzz_%.o $$(FUZZ_FLOORS:%=build/$(1)/%.a)
	@echo "  LD   $$@"
	@$(2) $$(CFLAGS) $(FUZZ_FLAGS) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^) $$(CTL_LIBS) -lm
endef
# What one of them needs beside the floors.
FUZZ_WEB = tests/fake/page_box.o tests/fake/html_check.o tests/fake/remove_tree.o
build/fuzz/fuzz_web: $(FUZZ_WEB:%=build/fuzz/%)
build/afl/fuzz_web: $(FUZZ_WEB:%=build/afl/%)
$(eval $(call fuzzed,fuzz,clang))
$(eval $(call fuzzed,afl,AFL_QUIET=1 afl-clang-fast))
$(foreach v,fuzz afl,$(foreach f,$(FUZZ_FLOORS),$(eval $(call archive,$(f),$(v)))))
-include $(shell find build -name '*.d' 2>/dev/null)

.PHONY: all help deps test pictures demo benches lint check-asan check-tsan check-fault check-exam check-kits check-endurance fuzz fuzz-afl bench install install-library deb check-deb clean format model man

## all          build gazetted and gazettectl into build/plain
all: build/plain/gazetted build/plain/gazettectl

## help         this list
help:
	@sed -n 's/^## //p' Makefile

## deps         install the Debian packages that are missing (asks for root by sudo when needed)
deps:
	@tests/install-packages $(DEB_BUILD) $(DEB_TEST)

## test         packages, build, unit tests, scenarios, fault sweeps, conformance, end to end; ends "N passed, N failed" (BROWSER=0: no Chromium)
test: deps
	@[ "$(BROWSER)" = 0 ] || tests/install-packages $(DEB_BROWSER) || echo "no browser: its test is skipped" >&2
	@$(MAKE) --no-print-directory tests-plain benches
	@tests/run-tests build/plain $(TEST_SOURCES:%.c=build/plain/%) $(SCRIPTS)

## pictures     screenshots of the page in Chromium, in a phone's and a desk's width, light and dark, of explain and top, into build/pictures
pictures: deps
	@tests/install-packages $(DEB_BROWSER)
	@$(MAKE) --no-print-directory programs-plain
	@PICTURES=build/pictures tests/run-tests build/plain tests/e2e/test_browser.sh && ls build/pictures/*.png

## demo         packages, build, then a publisher on loopback, the daemon, classified lines and an alert; Ctrl-C ends it
demo: deps
	@$(MAKE) --no-print-directory programs-plain
	@tests/demo/demo.sh build/plain

## check-asan   the tests under AddressSanitizer and UndefinedBehaviorSanitizer
check-asan: deps
	@$(MAKE) --no-print-directory tests-asan
	@tests/run-tests build/asan $(TEST_SOURCES:%.c=build/asan/%) $(filter tests/e2e/%,$(SCRIPTS))

## check-tsan   the tests that have threads, under ThreadSanitizer
TSAN_TESTS = $(filter %_net_fetch %_run_loop %_cls_threads %_store_threads,$(TEST_SOURCES:%.c=%))
check-tsan: deps
	@$(MAKE) --no-print-directory programs-tsan $(TSAN_TESTS:%=build/tsan/%)
	@tests/run-tests build/tsan $(TSAN_TESTS:%=build/tsan/%) $(filter tests/e2e/test_daemon.sh tests/e2e/test_backtest.sh,$(SCRIPTS))

## check-fault  the fault sweeps and the planted bugs that they must catch
check-fault: deps
	@$(MAKE) --no-print-directory tests-plain benches
	@tests/run-tests build/plain $(patsubst %.c,build/plain/%,$(filter tests/fault/%,$(TEST_SOURCES))) $(filter tests/fault/%,$(SCRIPTS))

## check-endurance ten million items in virtual time: memory and state must stay as large as they are (20 minutes; SIZE="20 100": a fifth)
check-endurance: deps
	@$(MAKE) --no-print-directory benches
	@build/plain/tests/bench/bench_endurance $(SIZE)

## check-exam   misbehaviours that a publisher can see, planted one by one: the politeness exam must fail of each; a minute each
check-exam: deps
	@$(MAKE) --no-print-directory programs-plain
	@tests/politeness/planted build/plain

## check-kits   the fault kits of ../shared/faults (skipped when absent); KILLS=200 POINTS=6, "ONLY=crash ops": some of them. Long
check-kits: deps
	@$(MAKE) --no-print-directory programs-plain
	@tests/kits/run build/plain $(ONLY)

## fuzz         libFuzzer targets, FUZZ_LIMIT each: seconds (default 20), or a number of runs, e.g. 5000runs
FUZZ_LIMIT = 20
fuzz: deps
	@$(MAKE) --no-print-directory $(FUZZ_SOURCES:tests/fuzz/%.c=build/fuzz/%)
	@tests/fuzz/run $(FUZZ_LIMIT) $(FUZZ_SOURCES:tests/fuzz/%.c=build/fuzz/%)

## fuzz-afl     one target by AFL++ for a long run: TARGET=feed, AFL_LIMIT=seconds (default 3600); goes on where the last run ended
TARGET = feed
AFL_LIMIT = 3600
fuzz-afl: deps
	@tests/install-packages $(DEB_AFL)
	@$(MAKE) --no-print-directory build/afl/fuzz_$(TARGET)
	@tests/fuzz/run-afl $(AFL_LIMIT) build/afl/fuzz_$(TARGET)

## lint         floors, cycles, lengths, banned functions, headers alone, clang-format, cppcheck, clang-tidy
lint: deps
	@tests/lint/lint

## format       clang-format in place
format:
	@clang-format -i $$(git ls-files '*.c' '*.h')

## bench        speed against peers, in one run, as ratios
bench: deps
	@tests/install-packages $(DEB_BENCH)
	@$(MAKE) --no-print-directory programs-plain benches
	@tests/bench/run build/plain

## model        learn the weights of the shipped topics anew (the development sets of ../shared are learned from too when they are there)
MODEL_KNOWN = $(wildcard $(or $(SHARED),../shared)/corpus/abstracts-dev.jsonl $(or $(SHARED),../shared)/corpus/doj-dev.jsonl)
model: build/plain/gazettectl
	@build/plain/gazettectl train --topics classifiers/topics -o classifiers/topics/topics.model $(MODEL_KNOWN:%=--known %) \
		$(sort $(wildcard classifiers/training/*.jsonl))

## man          the manual pages, into build/man
man: build/man/gazetted.8 build/man/gazettectl.1 build/man/gazetted.yaml.5 build/man/gazetted-record.5 build/man/gazetted-topic.5 \
	build/man/gazetted-alert.7

build/man/%: docs/man/% Makefile
	@mkdir -p $(@D)
	@cp $< $@
# The keys come from the table that the parser reads.
build/man/gazetted.yaml.5: docs/man/gazetted.yaml.5 build/plain/gazettectl
	@mkdir -p $(@D)
	@build/plain/gazettectl config --man >$@.keys
	@sed -e '/^\.\\" @KEYS@$$/{' -e 'r $@.keys' -e d -e '}' $< >$@
	@rm -f $@.keys

# The events of the log come from their table.
build/man/gazetted.8: docs/man/gazetted.8 build/plain/gazettectl
	@mkdir -p $(@D)
	@build/plain/gazettectl messages --man >$@.messages
	@sed -e '/^\.\\" @MESSAGES@$$/{' -e 'r $@.messages' -e d -e '}' $< >$@
	@rm -f $@.messages

# So do the members, from the table that the schemas come from.
build/man/gazetted-record.5: docs/man/gazetted-record.5 build/plain/gazettectl
	@mkdir -p $(@D)
	@build/plain/gazettectl schema --man >$@.members
	@sed -e '/^\.\\" @MEMBERS@$$/{' -e 'r $@.members' -e d -e '}' $< >$@
	@rm -f $@.members

# Units and their folders name the places of this installation.
PLACES = -e 's|/usr/bin/gazetted|$(PREFIX)/bin/gazetted|g' -e 's|/etc/gazetted|$(SYSCONFDIR)/gazetted|g'
INSTALLED_UNITS = gazetted.service gazetted-hook.socket gazetted-hook@.service

## install-library  the classifier alone, for other programs: archive, headers, pkg-config file
install-library: build/plain/classifiers.a
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include/gazetted/classifiers
	install -m 644 build/plain/classifiers.a $(DESTDIR)$(LIBDIR)/libgazetted-classify.a
	install -m 644 classifiers/classify.h classifiers/train.h $(DESTDIR)$(PREFIX)/include/gazetted/classifiers
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' classifiers/gazetted-classify.pc.in \
		>$(DESTDIR)$(LIBDIR)/pkgconfig/gazetted-classify.pc

## install      into DESTDIR, by the Filesystem Hierarchy Standard
install: all man install-library
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d \
		$(DESTDIR)$(PREFIX)/share/gazetted/topics $(DESTDIR)$(PREFIX)/share/gazetted/scripts \
		$(DESTDIR)$(SYSCONFDIR)/gazetted/feeds.d $(DESTDIR)$(SYSCONFDIR)/gazetted/topics.d $(DESTDIR)$(SYSCONFDIR)/gazetted/alerts.d \
		$(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 755 build/plain/gazetted build/plain/gazettectl $(DESTDIR)$(PREFIX)/bin
	for unit in $(INSTALLED_UNITS); do sed $(PLACES) systemd/$$unit >$(DESTDIR)$(UNITDIR)/$$unit || exit; done
	install -m 644 systemd/sysusers.d/gazetted.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d
	install -m 644 systemd/tmpfiles.d/gazetted.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	install -m 644 classifiers/topics/*.yaml classifiers/topics/topics.model $(DESTDIR)$(PREFIX)/share/gazetted/topics
	install -m 755 config/scripts/* $(DESTDIR)$(PREFIX)/share/gazetted/scripts
	install -m 644 build/man/gazettectl.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 build/man/gazetted.yaml.5 build/man/gazetted-record.5 build/man/gazetted-topic.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 build/man/gazetted-alert.7 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 build/man/gazetted.8 $(DESTDIR)$(PREFIX)/share/man/man8
	tests/install-config config $(DESTDIR)$(SYSCONFDIR)/gazetted

## deb          Debian packages into build/deb: daemon, ctl, the classifier as a library; lintian looks at them
deb:
	@tests/install-packages $(DEB_BUILD) $(DEB_DEB)
	@tests/package/build $(VERSION) build/deb

## check-deb    the packages, twice: the same bytes; then installed, upgraded, removed and purged in a folder made by debootstrap (root; the mirror)
check-deb: deb
	@tests/package/build $(VERSION) build/deb/again
	@tests/package/check build/deb $(VERSION)

## clean        remove build/
clean:
	rm -rf build
