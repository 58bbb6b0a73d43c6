# gazetted: one flat Makefile. `make help` lists the targets.
VERSION = 0.1.0
PREFIX  = /usr/local
SYSCONFDIR = /etc
UNITDIR = /usr/lib/systemd/system
CC      = cc
CFLAGS  = -O2 -g
PROGRAMS = gazetted gazettectl

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

# --- packages of Debian 12 ---------------------------------------------------------------------
DEB_BUILD = build-essential pkg-config libuv1-dev libcurl4-openssl-dev libxml2-dev libyaml-dev libsqlite3-dev \
	libjansson-dev libzstd-dev libseccomp-dev libuchardet-dev libxxhash-dev libssl-dev libmicrohttpd-dev
DEB_TEST  = libcmocka-dev clang clang-format clang-tidy cppcheck libclang-rt-14-dev mandoc systemd python3-minimal procps ca-certificates
PKGS = libuv libcurl libxml-2.0 yaml-0.1 sqlite3 jansson libzstd libseccomp uchardet libxxhash libcrypto libmicrohttpd

# --- flags -------------------------------------------------------------------------------------
WARN = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
HARDEN = -fstack-protector-strong -fstack-clash-protection -fPIE
FORTIFY = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
BASEFLAGS = -std=c17 -D_GNU_SOURCE -I. $(WARN) $(HARDEN) -fno-strict-aliasing -ffunction-sections -fdata-sections \
	-DGAZETTED_VERSION='"$(VERSION)"' -DGAZETTED_SYSCONFDIR='"$(SYSCONFDIR)/gazetted"'
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   = $(shell pkg-config --libs $(PKGS) 2>/dev/null)
CTL_LIBS   = $(shell pkg-config --libs libxml-2.0 yaml-0.1 sqlite3 jansson libzstd uchardet libxxhash libcrypto 2>/dev/null) -lm
LDHARDEN = -pie -Wl,-z,relro,-z,now -Wl,--gc-sections -Wl,--as-needed

# --- the house: folders are floors, each folder is an archive ------------------------------------
FLOORS = daemon/ctl daemon/run daemon/pipe daemon/conf daemon/net daemon/store daemon/feed daemon/base classifiers
MAINS  = daemon/run/main.c daemon/ctl/main.c
sources = $(filter-out $(MAINS),$(wildcard $(1)/*.c))
CTL_FLOORS = $(filter-out daemon/run daemon/net,$(FLOORS))

FAKES  = $(wildcard tests/fake/*.c)
TESTS  = $(wildcard tests/unit/test_*.c tests/scenarios/test_*.c tests/fault/test_*.c)
TOOLS  = $(wildcard tests/demo/publisher.c tests/bench/bench_*.c)
FUZZ   = $(wildcard tests/fuzz/fuzz_*.c)
SCRIPT_TESTS = $(wildcard tests/e2e/test_*.sh tests/conformance/test_*.sh)

# --- one set of rules per variant: plain, asan, tsan ---------------------------------------------
# $(1) name  $(2) compile flags  $(3) link flags
define variant
build/$(1)/%.o: %.c Makefile
	@mkdir -p $$(@D)
	@echo "  CC   $$@"
	@$$(CC) $$(BASEFLAGS) $$(CFLAGS) $(2) $$(PKG_CFLAGS) -MMD -MP -c -o $$@ $$<
$$(foreach f,$$(FLOORS) tests/fake,$$(eval build/$(1)/$$(f).a: $$(patsubst %.c,build/$(1)/%.o,$$(call sources,$$(f)))))
$$(foreach f,$$(FLOORS) tests/fake,build/$(1)/$$(f).a):
	@mkdir -p $$(@D)
	@rm -f $$@ && ar rcsD $$@ $$^
build/$(1)/gazetted: build/$(1)/daemon/run/main.o $$(foreach f,$$(filter-out daemon/ctl,$$(FLOORS)),build/$(1)/$$(f).a)
	@echo "  LD   $$@"
	@$$(CC) $$(CFLAGS) $(2) $(3) $$(LDHARDEN) -o $$@ $$^ $$(PKG_LIBS) -lm
build/$(1)/gazettectl: build/$(1)/daemon/ctl/main.o $$(foreach f,$$(CTL_FLOORS),build/$(1)/$$(f).a)
	@echo "  LD   $$@"
	@$$(CC) $$(CFLAGS) $(2) $(3) $$(LDHARDEN) -o $$@ $$^ $$(CTL_LIBS)
$$(patsubst %.c,build/$(1)/%,$$(TESTS) $$(TOOLS)): build/$(1)/%: build/$(1)/%.o build/$(1)/tests/fake.a $$(foreach f,$$(FLOORS),build/$(1)/$$(f).a)
	@echo "  LD   $$@"
	@$$(CC) $$(CFLAGS) $(2) $(3) $$(LDHARDEN) -o $$@ $$^ $$($$(notdir $$*)_LDFLAGS) $$(PKG_LIBS) -lcmocka -lpthread -lm
endef

$(eval $(call variant,plain,$(FORTIFY),))
$(eval $(call variant,asan,-O1 -fno-omit-frame-pointer -fsanitize=address$(comma)undefined -fno-sanitize-recover=all,))
$(eval $(call variant,tsan,-O1 -fsanitize=thread,))
comma := ,
-include $(shell find build -name '*.d' 2>/dev/null)

.PHONY: all help clean
all: $(addprefix build/plain/,$(PROGRAMS))
help:
	@sed -n 's/^## //p' Makefile
clean:
	rm -rf build
