# Two images from one file:
#   docker build -t int8-lens .                              the dashboard
#   docker build -t int8-lens-collector --target collector . the collector
FROM python:3.11.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --create-home --uid 10001 lens
WORKDIR /app
COPY requirements-dashboard.txt ./
RUN pip install --quiet -r requirements-dashboard.txt
COPY results/ results/

FROM base AS collector
COPY requirements.txt ./
RUN pip install --quiet -r requirements.txt
COPY collector/ collector/
# Not below data: a store is mounted over it.
ENV INT8_LENS_MODELS=/app/models
COPY data/models/ models/
RUN mkdir data && chown lens data
USER lens
VOLUME /app/data
ENTRYPOINT ["python", "-m", "collector"]
CMD ["demo", "--data", "data"]

# The last stage is what a plain build makes. It has neither OpenVINO nor NNCF.
FROM base AS dashboard
COPY .streamlit/ .streamlit/
COPY data/sample/ data/sample/
COPY dashboard/ dashboard/
RUN chown lens data
USER lens
VOLUME /app/data
EXPOSE 8501
# A base path is given as INT8_LENS_BASE_PATH, so that the check below knows it too.
ENV INT8_LENS_BASE_PATH=""
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:8501' + ''.join('/' + part for part in os.environ['INT8_LENS_BASE_PATH'].split('/') if part) + '/_stcore/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "dashboard"]
CMD ["--data", "data", "--port", "8501", "--address", "0.0.0.0"]
